"""No name of a property and no literal changes the structure of a statement, whatever it holds.

The SQL of a policy is parsed again in its dialect and compared with that of the policy with harmless texts. The trees differ in
names and literals alone, and hold the texts just as they were.
"""

import json
from itertools import zip_longest

import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from policy_lang import fleet
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.dialects.every import DIALECTS
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
)


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
@given(template=st.sampled_from(TEMPLATES), name=TEXTS, literal=TEXTS)
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
