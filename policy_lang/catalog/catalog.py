"""A catalog: its updates, checked, in the order of the file and by product."""

import os
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from policy_lang.catalog.compiled.file import SUFFIX, write_file
from policy_lang.catalog.update import Update
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Document, Path_
from policy_lang.errors import CatalogError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.types.schema import Schema
from policy_lang.versions.version import quote

if TYPE_CHECKING:
    from policy_lang.pipeline import Checked

CatalogSource: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
"""A path to a catalog, or the catalog itself."""


class Catalog:
    """The updates that a service offers; immutable, and safe to share between threads.

    Attributes:
        updates: in the order of the catalog.
        schema: what the policies were compiled with.
        options: the host's options, for the policies and for the versions that devices send.
        document: where the catalog was written, so that more can be said about it; None for a mapping given by a program.
    """

    __slots__ = ("_by_id", "_by_product", "document", "options", "schema", "updates")

    def __init__(self, updates: tuple[Update, ...], schema: Schema, options: Options, document: Document | None) -> None:
        """Sort updates that were validated together; `load` is the way to get a catalog."""
        self.updates = updates
        self.schema = schema
        self.options = options
        self.document = document
        self._by_id = {update.id: update for update in updates}
        self._by_product = _by_product(updates)

    @classmethod
    def load(cls, source: CatalogSource, *, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> "Catalog":
        """Read a catalog and check all of it.

        Args:
            source: the path of a YAML, TOML, JSON or JSON5 file, or of a compiled catalog (`.policyc`), or a mapping.
            schema: what devices send. It is taken in place of the `schema` of the catalog, which is then not read. Without either,
                the type of each property is inferred from its use.
            options: the host's options, for the policies and for the versions that devices send.

        Returns:
            The catalog, every policy compiled and bound to its update.

        Raises:
            CatalogError: the catalog cannot be read, or anything in it is wrong; every finding names the field, and the line and
                column where there is a file.

        Source: docs/spec.md, "Catalogs".

        >>> update = {"id": "release-7", "product": "thermostat", "version": "2.0.0", "policy": "device.pro == true"}
        >>> image = {"url": "https://example.com/7.bin", "checksum": "00" * 32}
        >>> [update.id for update in Catalog.load({"updates": [update | image]})]
        ['release-7']
        """
        if not isinstance(source, Mapping) and Path(source).suffix == SUFFIX:
            from policy_lang.catalog.compiled.read import read_compiled  # noqa: PLC0415  for these files only

            updates, compiled_with = read_compiled(source, schema, options)
            return cls(updates, compiled_with, options, None)
        reading = read_catalog(source, schema, options)
        if reading.catalog is None:
            raise CatalogError(reading.findings)
        return reading.catalog

    def changing(self, put: Iterable[Mapping[str, Any]] = (), *, remove: Iterable[str] = ()) -> "Catalog":
        """The catalog with some updates added, replaced or removed; this one stays as it is.

        Only what is put is read and checked, and the products that are not touched are shared with this catalog, so a change of a
        large one takes a few milliseconds. `Selector.changing` goes on from here.

        Args:
            put: updates as a catalog file has them; one whose id is known takes the place of that update.
            remove: the ids of updates, or one id.

        Returns:
            A catalog with the same schema and options, without a document.

        Raises:
            CatalogError: anything in an update is wrong, or two of a product get the same precedence.
            ValueError: an id to remove is not in the catalog, or is put at the same time.

        Source: docs/spec.md, "Catalogs".
        """
        from policy_lang.catalog.validate import validate  # noqa: PLC0415  a compiled catalog needs no checker

        found = validate({"updates": list(put)}, None, folder=Path(), schema=self.schema, options=self.options)
        if found.findings:
            raise CatalogError(found.findings)
        new = {update.id: update for update in found.updates}
        gone = frozenset((remove,) if isinstance(remove, str) else remove)
        unknown = sorted(map(quote, gone - self._by_id.keys() | gone & new.keys()))
        if unknown:
            raise ValueError(f"cannot remove {', '.join(unknown)}: not in the catalog, or put at the same time")
        changed = Catalog((), self.schema, self.options, None)
        changed._by_id = dict(self._by_id)  # in the order of the catalog, which replacing a value keeps
        for each in gone:
            del changed._by_id[each]
        changed._by_id.update(new)
        changed.updates = tuple(changed._by_id.values())
        changed._by_product = self._regrouped(new, gone)
        return changed

    def _regrouped(self, new: Mapping[str, Update], gone: AbstractSet[str]) -> dict[str, tuple[Update, ...]]:
        """The updates by product after a change; the products that it does not touch are the same objects."""
        groups = dict(self._by_product)
        old = [self._by_id[each] for each in gone | new.keys() & self._by_id.keys()]
        for product in {update.product for update in (*old, *new.values())}:
            kept = [each for each in groups.pop(product, ()) if each.id not in gone and each.id not in new]
            groups |= _by_product([*kept, *(update for update in new.values() if update.product == product)])
            _check_order(groups.get(product, ()))
        return groups

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the catalog in its compiled form, which loads many times faster and needs no parser.

        Args:
            path: the file, named `.policyc`; one that is there is replaced as a whole.

        Raises:
            ValueError: the file is not named so.
            CatalogError: a policy calls a function of the host that reads its literals itself.
            OSError: the file cannot be written.

        Source: docs/spec.md, "Compiled catalogs".
        """
        if Path(path).suffix != SUFFIX:
            raise ValueError(f"a compiled catalog is named `{SUFFIX}`, not {os.fspath(path)!r}")
        write_file(path, self.compiled())

    def compiled(self) -> bytes:
        """The compiled form of the catalog, which `save` writes; the same catalog always gives the same bytes."""
        from policy_lang.catalog.compiled.write import write_compiled  # noqa: PLC0415  who loads a catalog seldom writes one

        return write_compiled(self.updates, self.schema, self.options)

    @property
    def products(self) -> tuple[str, ...]:
        """The products of the updates, sorted."""
        return tuple(sorted(self._by_product))

    def for_product(self, product: str) -> tuple[Update, ...]:
        """The updates of a product in descending precedence; none where the catalog does not know it."""
        return self._by_product.get(product, ())

    def find(self, update_id: str) -> Update | None:
        """The update with an id."""
        return self._by_id.get(update_id)

    def __len__(self) -> int:
        """How many updates there are."""
        return len(self.updates)

    def __iter__(self) -> Iterator[Update]:
        """The updates in the order of the catalog."""
        return iter(self.updates)

    def __repr__(self) -> str:
        """The catalog in a form for debugging."""
        return f"Catalog({', '.join(update.id for update in self.updates)})"


def _by_product(updates: Iterable[Update]) -> dict[str, tuple[Update, ...]]:
    """The updates of each product, in descending precedence."""
    groups: dict[str, list[Update]] = {}
    for update in sorted(updates, key=attrgetter("version.key"), reverse=True):
        groups.setdefault(update.product, []).append(update)
    return {product: tuple(group) for product, group in groups.items()}


def _check_order(group: tuple[Update, ...]) -> None:
    """Refuse two updates of a product that no order tells apart."""
    for first, second in pairwise(group):
        if first.version.key == second.version.key:
            versions = f"{quote(str(first.version))} of {quote(first.id)} and {quote(str(second.version))} of {quote(second.id)}"
            help_ = "give each update of a product a version of its own; what follows a `+` does not count"
            raise CatalogError([Diagnostic("PL509", f"the versions {versions} have the same precedence", help=help_)])


class Reading(NamedTuple):
    """A catalog with what was learnt while it was read.

    Attributes:
        catalog: the catalog, or None where there are findings.
        findings: everything that is wrong.
        document: where it was written; None for a mapping given by a program.
        checked: the policies without errors, by where they stand; none where the schema is wrong.
    """

    catalog: Catalog | None
    findings: tuple[Diagnostic, ...]
    document: Document | None
    checked: Mapping[Path_, "Checked"]


def read_catalog(
    source: CatalogSource | Document,
    schema: Schema | None = None,
    options: Options = DEFAULT_OPTIONS,
    *,
    fallback: Schema | None = None,
) -> Reading:
    """Read a catalog as `Catalog.load` does, and keep what the linter goes on with.

    Args:
        source: a path, a mapping, or a document that was read already.
        schema: what devices send, in place of the catalog's own schema.
        options: the host's options.
        fallback: what devices send where neither says it.

    Raises:
        CatalogError: the file cannot be read or parsed.
    """
    from policy_lang.catalog.validate import validate  # noqa: PLC0415  a compiled catalog needs no checker

    document, value, folder = _open(source)
    found = validate(value, document, folder=folder, schema=schema, options=options, fallback=fallback)
    if found.schema is None:
        return Reading(None, found.findings, document, {})
    catalog = None if found.findings else Catalog(found.updates, found.schema, options, document)
    return Reading(catalog, found.findings, document, found.checked)


def _open(source: CatalogSource | Document) -> tuple[Document | None, object, Path]:
    """The document if there is one, its value, and the folder where the path of a schema starts."""
    if isinstance(source, Mapping):
        return None, source, Path()
    from policy_lang.documents.read import read_document  # noqa: PLC0415  a compiled catalog is no document

    document = source if isinstance(source, Document) else read_document(source, error=CatalogError)
    return document, document.value, Path(document.source.name).parent
