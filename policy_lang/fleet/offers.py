"""Each device with its update, as one statement: the rows of `policy assign`, made where the data is.

An engine that can write files or tables itself runs it, and no device ever passes through Python.
"""

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.assigned import HEADS
from policy_lang.fleet.builder import Form
from policy_lang.fleet.cells import Asking, reason_number
from policy_lang.fleet.columns import Columns, Storage
from policy_lang.fleet.dialects.base import SqlBuilder, binary, number
from policy_lang.fleet.query import Query
from policy_lang.fleet.survey import Chosen, Nothing
from policy_lang.selection.model import Reason

_INNER: Final = "offers"
_PRODUCTS: Final = ("product", "productToken")


def unreadable(columns: Columns) -> tuple[str, ...]:
    """The properties of a row that the table does not hold as texts; without any the rows can be made by the engine."""
    found = [name for name in ("id", "version") if not _is_text(columns, name)]
    products = [name for name in _PRODUCTS if columns.find((name,)) is not None] or ["product"]
    return (*found, *(name for name in products if not _is_text(columns, name)))


def offers(query: Query, columns: Columns, chosen: Chosen) -> exp.Select:
    """A row for each device: what `HEADS` names, as texts.

    Args:
        query: the statement that it becomes part of.
        columns: the columns of the table; none of them is `unreadable`.
        chosen: the catalog and the time.
    """
    asking = Asking(query, columns)
    (choice,) = asking.ask(chosen).inner
    given = [(_text(query, columns, "id"), "id"), (_product(query, columns, asking), "product")]
    given += [(_text(query, columns, "version"), "version")]
    inner = query.select([*given, (choice, "choice")]).subquery(alias=_INNER)
    texts = [*(_column(name) for _, name in given), *choice_columns(query.builder, chosen.catalog, _column("choice"))]
    named = [exp.Alias(this=text, alias=exp.to_identifier(name, quoted=True)) for text, name in zip(texts, HEADS, strict=True)]
    return exp.Select(expressions=named).from_(inner)


def choice_columns(builder: SqlBuilder, catalog: Catalog, choice: exp.Expr) -> list[exp.Expr]:
    """A choice as texts: the id of the update and its version, NULL where there is none, and the reason."""
    ids = [(number(at), update.id) for at, update in enumerate(catalog.updates)]
    versions = [(number(at), str(update.version)) for at, update in enumerate(catalog.updates)]
    reasons = [(reason_number(nothing), nothing.value) for nothing in Nothing]
    offered = builder.text(str(Reason.OFFERED))
    switches = ((ids, builder.null(Form.TEXT)), (versions, builder.null(Form.TEXT)), (reasons, offered))
    return [_switch(builder, choice, cases, otherwise) for cases, otherwise in switches]


def _switch(builder: SqlBuilder, choice: exp.Expr, cases: Sequence[tuple[exp.Expr, str]], otherwise: exp.Expr) -> exp.Expr:
    tests = [(binary(exp.EQ, choice.copy(), at), builder.text(text)) for at, text in cases]
    return builder.first_true(tests, otherwise) if tests else otherwise


def _product(query: Query, columns: Columns, asking: Asking) -> exp.Expr:
    """What a device sent as its product: its `productToken` where there is no `product`."""
    sent = [name for name in _PRODUCTS if columns.find((name,)) is not None]
    if len(sent) == 1:
        return _text(query, columns, sent[0])
    product, token = (_text(query, columns, name) for name in _PRODUCTS)
    return query.builder.first_true([(asking.has("product"), product)], token)


def _text(query: Query, columns: Columns, name: str) -> exp.Expr:
    column = columns.find((name,))
    return query.builder.null(Form.TEXT) if column is None else query.builder.column(column)


def _is_text(columns: Columns, name: str) -> bool:
    column = columns.find((name,))
    return column is not None and column.storage is Storage.TEXT


def _column(name: str) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True))
