"""The table of a batch of devices, and what was seen while it was made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pyarrow as pa

from policy_lang.fleet.columns import Column, Columns, Names, Storage, column_name
from policy_lang.fleet.importing.decoding import ColumnDecoder
from policy_lang.fleet.tables import arrow_schema
from policy_lang.options import Options
from policy_lang.types.decode import describe

_MOST_EXAMPLES: Final = 3
_MOST_IGNORED: Final = 100
_NOTHING: Final[dict[str, Any]] = {}


@dataclass(slots=True)
class Tally:
    """What the values of one property came to.

    Attributes:
        present: how many devices sent the property.
        unknown: of how many of these the value is none of its type.
        needs_presence: whether a value was sent that its column does not hold.
        examples: some of the values that are none of the type, as people call them.
    """

    present: int = 0
    unknown: int = 0
    needs_presence: bool = False
    examples: dict[str, None] = field(default_factory=dict)


class Tabulator:
    """Makes tables of devices.

    Attributes:
        schema: the columns of the tables, the ones that say what is present included.
        tallies: what the values came to, by property.
        ignored: how many devices sent a property that has no column, for a bounded number of names.
    """

    def __init__(self, columns: Columns, options: Options) -> None:
        """Prepare the columns.

        Args:
            columns: the properties and where they are stored.
            options: the longest text, and how versions are read.
        """
        self._columns = columns
        self.schema = arrow_schema(columns)
        self._decoders = [ColumnDecoder(each, self.schema.field(each.name).type, options) for each in columns.rows]
        self._inner = {
            column.path: _names_below(columns, column.path) for column in columns.rows if column.storage is Storage.OBJECT
        }
        self.tallies: dict[Names, Tally] = {column.path: Tally() for column in columns.rows}
        self.ignored: Counter[str] = Counter()
        self._inner[()] = _names_below(columns, ())

    def table(self, devices: Sequence[dict[str, Any]]) -> pa.RecordBatch:
        """The rows of some devices, in their order."""
        objects: dict[Names, Sequence[dict[str, Any]]] = {(): devices}
        arrays: list[pa.Array[Any]] = []
        for decoder in self._decoders:
            *outer, name = decoder.column.path
            values = [each.get(name) for each in objects[tuple(outer)]]
            if decoder.column.path in self._inner:
                objects[decoder.column.path] = [value if type(value) is dict else _NOTHING for value in values]
            arrays.extend(self._arrays(decoder, values))
        for path, each in objects.items():
            self._ignore(path, each)
        return pa.record_batch(arrays, schema=self.schema)

    def columns(self) -> Columns:
        """The columns that say something: presence only where it does not follow from the rest."""
        kept = (
            _without_presence(column) if not self.tallies[column.path].needs_presence else column for column in self._columns.rows
        )
        return Columns(tuple(column for column in kept if column is not None), self._columns.lenient_versions)

    def _ignore(self, path: Names, objects: Sequence[dict[str, Any]]) -> None:
        """Count the properties that have no column."""
        for name in set().union(*objects).difference(self._inner[path]):
            label = column_name((*path, name))
            if label in self.ignored or len(self.ignored) < _MOST_IGNORED:
                self.ignored[label] += sum(name in each for each in objects)

    def _arrays(self, decoder: ColumnDecoder, values: Sequence[Any]) -> "list[pa.Array[Any]]":
        """The columns of one property."""
        column, tally = decoder.column, self.tallies[decoder.column.path]
        present = len(values) - values.count(None)
        tally.present += present
        if column.storage is Storage.OBJECT:
            tally.needs_presence = tally.needs_presence or not _follows(values, self._inner[column.path])
            _note(tally, values, [isinstance(value, dict) or None for value in values])
            return [decoder.decode(values)]
        stored = decoder.decode(values)
        arrays = [stored] if column.key is None else [stored, decoder.keys(stored)]
        if present != len(values) - arrays[-1].null_count:
            _note(tally, values, arrays[-1].to_pylist())
        if present == len(values) - stored.null_count:
            return [*arrays, stored.is_valid()]
        tally.needs_presence = True
        return [*arrays, pa.array([value is not None for value in values], type=pa.bool_())]


def _names_below(columns: Columns, path: Names) -> tuple[str, ...]:
    """The names of the declared properties directly below an object."""
    return tuple(column.path[-1] for column in columns.rows if column.path[:-1] == path)


def _follows(values: Sequence[Any], names: Sequence[str]) -> bool:
    """Whether some objects are present exactly where one of their properties is."""
    return all(value is None or (type(value) is dict and any(value.get(name) is not None for name in names)) for value in values)


def _note(tally: Tally, values: Sequence[Any], known: Sequence[Any]) -> None:
    """Count the values that are none of the type, and keep some as examples."""
    bad = [value for value, good in zip(values, known, strict=True) if value is not None and good is None]
    tally.unknown += len(bad)
    for value in bad[: 4 * _MOST_EXAMPLES]:
        if len(tally.examples) < _MOST_EXAMPLES:
            tally.examples[describe(value)] = None


def _without_presence(column: Column) -> Column | None:
    """A column whose presence follows; an object is nothing but its presence."""
    return None if column.storage is Storage.OBJECT else replace(column, present=None)
