"""No name of a property and no literal changes the structure of a statement, whatever it holds.

The SQL of a policy is parsed again in its dialect and compared with that of the policy with harmless texts. The trees differ in
names and literals alone, and hold the texts just as they were.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from policy_lang import fleet
from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.errors import CatalogError
from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.dialects.every import DIALECTS, find_dialect
from policy_lang.fleet.model import Limits
from policy_lang.fleet.offers import offers
from policy_lang.fleet.query import Query
from policy_lang.fleet.survey import Chosen
from policy_lang.pipeline import compile_policy

TEMPLATES = (
    "device[{name}] == {literal}",
    "device[{name}] ^= {literal}",
    "!(device[{name}] $= {literal}) || device[{name}] >< {literal}",
    "device[{name}] in [{literal}, 'b'] && has(device[{name}])",
    "(device[{name}] ?? 'x') < {literal}",
    "device.number > 3 ? device[{name}] == 'a' : device[{name}] != {literal}",
    "bucket(device[{name}], {literal}) < 5",
)
CRAFTED = (*HOSTILE, "') OR 1=1 --", '"; DROP TABLE x; --', "`) UNION SELECT 1 --", "\\'); --", "a' || 'b", "/*", "*/", "'''", "\\")

TEXTS = st.sampled_from(CRAFTED) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
).filter(lambda text: not text[0].isdigit())  # what begins with a digit may be a version, which has SQL of its own
NAMES = TEXTS.filter(lambda name: name not in {"number", "version"})  # which are no texts


def sql(template: str, name: str, literal: str, dialect: str) -> str:
    """A policy's text over a table whose column has the name as it is."""
    columns = Columns(
        (Column((name,), name, Storage.TEXT, is_checked=True), Column(("number",), "number", Storage.INTEGER, is_checked=True))
    )
    return fleet.to_sql(policy(template, name, literal), dialect, columns)


def policy(template: str, name: str, literal: str) -> Policy:
    return compile_policy(template.format(name=written(name), literal=written(literal)))


def written(text: str) -> str:
    """A text as a literal of the language."""
    return (
        json.dumps(text).replace("/", "\\u002f")
        if text.isascii()
        else json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    )


def shape(tree: exp.Expr) -> list[str]:
    """The nodes of a tree in order, without what names and literals say; joined parts of one text count once."""
    return [type(node).__name__ for node in tree.walk() if not isinstance(node, exp.DPipe | exp.Paren)]


def texts(tree: exp.Expr) -> set[str]:
    return {node.name for node in tree.find_all(exp.Literal, exp.Identifier)}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(template=st.sampled_from(TEMPLATES), name=NAMES, literal=TEXTS)
@settings(max_examples=150, deadline=None)
def test_structure(dialect: str, template: str, name: str, literal: str) -> None:
    if "bucket" in template and dialect == "sqlite":
        template = TEMPLATES[0]
    if dialect == "spark" and "${" in name + literal:
        return  # Spark parts such texts, and refuses such names; its own tests say so
    crafted = parse_one(sql(template, name, literal, dialect), dialect=dialect)
    harmless = parse_one(sql(template, "name", "literal", dialect), dialect=dialect)
    differing = [pair for pair in zip_longest(shape(crafted), shape(harmless)) if pair[0] != pair[1]]
    assert not differing
    assert {name, literal} <= texts(crafted)


def offers_sql(dialect: str, text: str, number: int) -> str:
    """The rows of an assignment, for a catalog whose ids and products are all crafted."""
    update = {"id": text, "product": text, "url": "https://example.com/x", "checksum": f"{number:064x}"}
    policy = f"device.channel == {written(text)}"
    catalog = Catalog.load({"updates": [{**update, "version": "2.0.0", "policy": policy, "downgrade": "allow"}]})
    names = ("id", "product", "productToken", "version", "channel")
    columns = Columns(
        tuple(Column((name,), name, Storage.TEXT, key="key" if name == "version" else None, is_checked=True) for name in names)
    )
    table = exp.Table(this=exp.to_identifier("fleet", quoted=True))
    query = Query(find_dialect(dialect), Unasked(), table, columns, Limits())
    return query.builder.sql(offers(query, columns, Chosen(catalog)))


class Unasked:
    """A connection that nothing is looked up over."""

    def rows(self, statement: exp.Expr) -> Iterator[tuple[Any, ...]]:
        """Fail."""
        raise AssertionError(statement)

    def stage(self, name: str, forms: Sequence[tuple[str, Form]], rows: Iterable[Sequence[Plain | None]]) -> None:
        """Fail."""
        raise AssertionError(name, forms, rows)

    def drop(self, name: str) -> None:
        """Fail."""
        raise AssertionError(name)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=TEXTS.filter(lambda text: text.strip() != ""))
@settings(max_examples=100, deadline=None)
def test_structure_of_an_assignment(dialect: str, text: str) -> None:
    """Ids of updates and products are texts like any other."""
    if dialect == "spark" and "${" in text:
        return  # see above
    try:
        statement = offers_sql(dialect, text, 1)
    except CatalogError:
        return  # no id of an update
    crafted, harmless = (parse_one(each, dialect=dialect) for each in (statement, offers_sql(dialect, "text", 1)))
    assert shape(crafted) == shape(harmless)
    assert text in texts(crafted)
