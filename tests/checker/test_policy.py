"""What the checker makes of a policy: its types and its core; findings are in `cases/checker`."""

import pytest
from strategies import SCHEMA

from policy_lang.checker.policy import check
from policy_lang.errors import PolicySyntaxError
from policy_lang.source import Source
from policy_lang.syntax.parser import parse
from policy_lang.types.core import (
    Apply,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    children,
    descendants,
    map_children,
    path_text,
    type_of,
)
from policy_lang.types.schema import Schema


def core(text: str, schema: Schema | None = None) -> Core:
    """The core of a policy."""
    return check(parse(Source(text)), schema)


def types(text: str, schema: Schema | None = None) -> dict[str, str]:
    """What people call the types of the properties that a policy reads."""
    return {path_text(node.path): node.type.display for node in descendants(core(text, schema)) if isinstance(node, Fact)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("device.x == '1.2.0'", "text"),
        ("device.x == '1.2.0' && device.x < '2.0.0'", "version"),
        ("device.x < '2.0.0' && device.x == '1.2.0'", "version"),
        ("device.x < 'abc'", "text"),
        ("device.x < 'abc' && device.x == '1.2.0'", "text"),
        ("'2.0.0' > device.x", "version"),
        ("device.x == 5", "number"),
        ("5 in [device.x]", "number"),
        ("device.x in [1, 2]", "number"),
        ("(device.x & 4) != 0", "int"),
        ("device.x << 1 == 4", "int"),
        ("device.x == 5 && (device.x | 1) == 5", "int"),
        ("device.x", "bool"),
        ("!device.x", "bool"),
        ("device.x == true", "bool"),
        ("device.x ? true : false", "bool"),
        ("device.x ^= 'a'", "text"),
        ("device.x == /a/", "text"),
        ("device.x.length > 1", "text"),
        ("device.x.includes('a')", "text"),
        ("device.x >< 'a'", "text"),
        ("device.x.includes(1)", "list of number"),
        ("device.x >< true", "list of bool"),
        ("'a' in device.x", "list of text"),
        ("5 in device.x", "list of number"),
        ("device.version in device.x", "list of version"),
        ("device.x.length > 1 && 'a' in device.x", "list of text"),
        ("satisfies(device.x, '^1')", "version"),
        ("device.x < device.version", "version"),
        ("device.x.major == 1 && device.x < '2.0.0'", "version"),
        ("device.x < now", "timestamp"),
        ("now - device.x > '7d'", "timestamp"),
        ("now - '7d' > device.x", "timestamp"),
        ("update.published + device.x > now", "duration"),
        ("hour(device.x) == 1", "timestamp"),
        ("inCidr(device.x, '10.0.0.0/8')", "text"),
        ("string(device.x) == 'a'", "text"),
        ("version(device.x) < '2.0.0'", "text"),
        ("int(device.x) == 1 && device.x ^= '1'", "text"),
        ("(device.x ?? '1.0.0') < '2.0.0'", "version"),
        ("(device.x ?? 'none') == 'none'", "text"),
        ("(device.c ? device.x : 1) == 2", "number"),
        ("device.x + 1 > 2", "number"),
        ("device.x + 'a' == 'b'", "text"),
        ("device.x * 2 > device.y && device.y > 1", "number"),
        ("-device.x < 5", "number"),
        ("device.x == device.y && device.y == 'a'", "text"),
        ("device.x in []", "text"),
    ],
)
def test_the_type_of_a_property_comes_from_its_uses(text: str, expected: str) -> None:
    """The type of each property is inferred from how the policy uses it."""
    assert types(text)["device.x"] == expected


def test_nested_properties_have_types_of_their_own() -> None:
    assert types("device.a.b > 1 && device.a[\"c d\"].e && device.list[0] == 'x'") == {
        "device.a.b": "number",
        'device.a["c d"].e': "bool",
        "device.list": "list of text",
    }


def test_declared_types_stay() -> None:
    assert types("device.memory == 5 && device.load > 1 && device.extra == 1", Schema()) == {
        "device.memory": "number",
        "device.load": "number",
        "device.extra": "number",
    }
    assert types("device.memory == 5 && device.load > 1 && device.model < '2.0.0'", SCHEMA) == {
        "device.memory": "int",
        "device.load": "number",
        "device.model": "text",
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("device.a > 1", "1 < device.a"),
        ("device.a <= 1", "!(device.a > 1)"),
        ("device.a >= 1", "!(device.a < 1)"),
        ("device.a != 1", "!(device.a == 1)"),
        ("device.a not in [1, 2]", "!(device.a in [1, 2])"),
        ("device.a ^!= 'x'", "!(device.a ^= 'x')"),
        ("device.a $!= 'x'", "!(device.a $= 'x')"),
        ("device.a <> 'x'", "!(device.a >< 'x')"),
        ("device.a ^= 'x'", "device.a.startsWith('x')"),
        ("device.a $= 'x'", "device.a.endsWith('x')"),
        ("device.a >< 'x'", "device.a.includes('x')"),
        ("device.a >< 5", "5 in device.a"),
        ("device.a == null", "!has(device.a)"),
        ("device.a != null", "!!has(device.a)"),
        ("/a.c/ == device.a", "device.a == /a.c/"),
        ("device.a != /a.c/", "!(device.a == /a.c/)"),
        ("device.a.matches('a.c')", "device.a == /a.c/"),
        ("device.a == /^us-/", "device.a ^= 'us-'"),
        ("device.a == /^(us|eu)$/", "device.a in ['us', 'eu']"),
        ("device.a == /us|eu/", "device.a >< 'us' || device.a >< 'eu'"),
        ("+device.a == -1", "device.a == -1"),
        ('device["a"] == 1', "device.a == 1"),
    ],
)
def test_sugar_is_removed(one: str, other: str) -> None:
    """The core is typed and has its sugar removed."""
    assert core(one) == core(other)


def test_lists_of_constants_are_constants() -> None:
    membership = core("device.a in [1, -2]")
    assert isinstance(membership, In)
    assert isinstance(membership.haystack, Constant)
    assert membership.haystack.value == (1, -2)
    other = core("device.a in [1, device.b]")
    assert isinstance(other, In)
    assert isinstance(other.haystack, ListOf)


def test_rollout_reads_the_device_and_the_update() -> None:
    node = core("rollout(5)")
    assert isinstance(node, Apply)
    assert [type_of(arg).display for arg in node.args] == ["text", "text", "int"]


def test_children_and_mapping_reach_every_node() -> None:
    text = (
        "(device.a ?? 1) > 2 && !has(device.b) || device.c in [1, device.d] ? device.e == /x.y/ : rollout(5) && device.f == 'x'"
        " && device.version < '1.0.0'"
    )
    tree = core(text)
    assert map_children(tree, lambda child: child) is tree
    assert {type(node).__name__ for node in descendants(tree)} >= {
        "Choose",
        "Coalesce",
        "And",
        "Or",
        "Not",
        "Has",
        "In",
        "ListOf",
        "Apply",
    }

    def rebuilt(node: Core) -> Core:
        """The same tree, made anew down to its leaves."""
        if isinstance(node, Has):
            return Has(node.path, span=node.span)
        if isinstance(node, Fact):
            return Fact(node.path, node.type, node.default, span=node.span)
        if isinstance(node, Constant):
            return Constant(node.value, node.type, span=node.span)
        return map_children(node, rebuilt)

    again = rebuilt(tree)
    assert again == tree
    assert again is not tree
    assert [type_of(child).display for child in children(tree)] == ["bool", "bool", "bool"]


def test_a_branch_of_numbers_is_a_number() -> None:
    assert isinstance(core("(device.memory ?? device.load) > 1", SCHEMA), Compare)
    assert {
        node.op for node in descendants(core("(device.pro ? device.memory : device.load) > 1", SCHEMA)) if isinstance(node, Compare)
    } == {Comparison.LESS}
    assert not any(isinstance(node, Not | Or) for node in descendants(core("(device.pro ? device.memory : 1) > 1", SCHEMA)))


def test_mistakes_of_the_text_are_reported_even_when_the_types_fit() -> None:
    with pytest.raises(PolicySyntaxError):
        core("device.a = 1")
