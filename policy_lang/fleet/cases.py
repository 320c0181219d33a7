"""Few answers of a look-up, written out: `CASE WHEN model IN ('a', 'b') THEN TRUE … END`.

A row that was not there when the answers were made gets NULL, which is unknown and matches nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlglot import exp

from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import Storage
from policy_lang.fleet.dialects.base import SqlBuilder
from policy_lang.fleet.lookups import Key
from policy_lang.fleet.lower import Lookup
from policy_lang.fleet.unsupported import unsupported

_KEY_FORMS = {
    Storage.BOOLEAN: Form.BOOLEAN,
    Storage.INTEGER: Form.INTEGER,
    Storage.DOUBLE: Form.DOUBLE,
    Storage.TEXT: Form.TEXT,
    Storage.JSON: Form.TEXT,
    Storage.TIMESTAMP: Form.MICROSECONDS,
    Storage.DURATION: Form.MICROSECONDS,
    Storage.OBJECT: Form.BOOLEAN,
    Storage.LIST: Form.LIST,
}


class KeyColumn(NamedTuple):
    """One physical column that a look-up goes by.

    Attributes:
        name: its name.
        form: what it holds; LIST for a list.
        items: what the list holds.
    """

    name: str
    form: Form
    items: Form | None = None


def key_columns(wanted: Lookup, engine: str) -> list[KeyColumn]:
    """The physical columns of a look-up.

    Raises:
        UnsupportedError: one of them holds values that cannot be compared.
    """
    keys: list[KeyColumn] = []
    for column in wanted.columns:
        form = _KEY_FORMS.get(column.storage)
        if form is None:
            reason, remedy = f"and no values of `{column.name}` can be told apart", "store it as another type"
            raise unsupported(engine, wanted.bound.policy, wanted.deferral, reason, remedy)
        keys.append(KeyColumn(column.name, form, None if column.items is None else _KEY_FORMS.get(column.items)))
        if column.present is not None:
            keys.append(KeyColumn(column.present, Form.BOOLEAN))
    return keys


def as_case(builder: SqlBuilder, wanted: Lookup, keys: Sequence[Key], answers: Sequence[Plain | None]) -> exp.Expr:
    """The answers as one expression."""
    if not wanted.columns:
        return _constant(builder, answers[0], wanted.form)
    columns = key_columns(wanted, builder.name)
    groups: dict[Plain, list[Key]] = {}
    for key, answer in zip(keys, answers, strict=True):
        if answer is not None:
            groups.setdefault(answer, []).append(key)
    cases = [(_is_one_of(builder, columns, group), builder.literal(answer, wanted.form)) for answer, group in groups.items()]
    return builder.first_true(cases, builder.null(wanted.form)) if cases else builder.null(wanted.form)


def _constant(builder: SqlBuilder, answer: Plain | None, form: Form) -> exp.Expr:
    return builder.null(form) if answer is None else builder.literal(answer, form)


def _is_one_of(builder: SqlBuilder, columns: Sequence[KeyColumn], keys: Sequence[Key]) -> exp.Expr:
    """Whether the columns hold one of some keys; never NULL where it matters, for CASE passes NULL over."""
    if len(columns) > 1 or columns[0].form is Form.LIST:
        return builder.either([builder.both(_equalities(builder, columns, key)) for key in keys])
    ((name, form, _),) = columns
    known = [builder.literal(key[0], form) for key in keys if key[0] is not None]
    tests = [] if len(known) == len(keys) else [builder.negation(builder.is_stored(name))]
    if known:
        tests.append(builder.among(builder.name_of(name), known, form))
    return builder.either(tests)


def _equalities(builder: SqlBuilder, columns: Sequence[KeyColumn], key: Key) -> list[exp.Expr]:
    """One test for each column of a key, some for a list."""
    tests: list[exp.Expr] = []
    for (name, form, items), value in zip(columns, key, strict=False):
        if value is None:
            tests.append(builder.negation(builder.is_stored(name)))
        elif form is Form.LIST:
            tests += _same_items(builder, name, items or Form.TEXT, value)
        else:
            tests.append(builder.equal(builder.name_of(name), builder.literal(value, form), form))
    return tests


def _same_items(builder: SqlBuilder, name: str, form: Form, values: Sequence[Plain | None]) -> Iterator[exp.Expr]:
    """Whether a list has just these items."""
    size = builder.literal(len(values), Form.INTEGER)
    yield builder.equal(builder.count(builder.name_of(name)), size, Form.INTEGER)
    for position, value in enumerate(values):
        item = builder.item(builder.name_of(name), position)
        is_null = builder.negation(builder.is_known(item))
        yield is_null if value is None else builder.equal(item, builder.literal(value, form), form)
