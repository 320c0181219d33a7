import pickle

import pytest

from policy_lang.pipeline import compile_policy
from policy_lang.testing.conditions import Link, Probe, Term, combine
from policy_lang.types.schema import Schema


def probe(text: str, schema: Schema | None = None) -> Probe:
    """The probe of a policy."""
    policy = compile_policy(text, schema=schema)
    return Probe(policy.core, policy.source, policy.options, policy.roots)


def shape(term: Term) -> object:
    """A term as its text, or as its link with the shapes of what it joins."""
    if term.terms:
        return (str(term.link), *map(shape, term.terms))
    return term.text if term.link is Link.CONDITION else {term.text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", [{"true"}]),
        ("device.a == 1", ["device.a == 1"]),
        ("device.a", ["device.a"]),
        ("device.a != 'x'", ["device.a != 'x'"]),
        ("device.a >= 5", ["device.a >= 5"]),
        ("device.a == null", ["device.a == null"]),
        ("device.a == /^x|^y/", ["device.a == /^x|^y/"]),
        ("device.a != /^x|^y/", ["device.a != /^x|^y/"]),
        ("!(device.a == /^x|^y/)", [("!", "device.a == /^x|^y/")]),
        ("device.a && !device.b", [("&&", "device.a", ("!", "device.b"))]),
        ("device.a && device.b && device.c", [("&&", "device.a", "device.b", "device.c")]),
        ("device.a || device.b  &&\n  device.c", [("||", "device.a", ("&&", "device.b", "device.c"))]),
        ("device.a ? device.b : device.c", [("?:", "device.a", "device.b", "device.c")]),
        ("device.a ?? true", [("??", "device.a", {"true"})]),
        ("1 < 2 && device.a", [("&&", {"1 < 2"}, "device.a")]),
        ("(device.a ?? 1) < 5", ["device.a ?? 1) < 5"]),
        ("(device.a ? 1 : 2) < device.n", ["device.a ? 1 : 2) < device.n", "device.a"]),
        (
            "(device.a && device.b ? 1 : (device.c ? 2 : 3)) < 2",
            ["device.a && device.b ? 1 : (device.c ? 2 : 3)) < 2", ("&&", "device.a", "device.b"), "device.c"],
        ),
        ("(device.a || device.b) == device.c", ["device.a || device.b) == device.c", ("||", "device.a", "device.b")]),
        ("rollout(5)", ["rollout(5)"]),
    ],
)
def test_decisions(text: str, expected: list[object]) -> None:
    found = [shape(decision) for decision in probe(text).decisions]
    assert [each.lstrip("(") if isinstance(each, str) else each for each in found] == expected


def test_leaves_are_observed_in_the_order_of_the_text() -> None:
    found = probe("device.a == 1 && (device.b ?? true) && !(device.c ? 1 < 2 : device.d)")
    assert [term.text for term in found.decisions[0].leaves()] == [
        "device.a == 1",
        "device.b",
        "true",
        "device.c",
        "1 < 2",
        "device.d",
    ]
    assert found.observe(({"a": 1, "c": False}, {}, None)) == (True, None, True, False, True, None)


def test_terms_can_be_sent() -> None:
    (decision,) = probe("device.version < update.version && satisfies(device.version, '^1.0.0') && rollout(5)").decisions
    assert pickle.loads(pickle.dumps(decision)) == decision  # noqa: S301  our own


def test_conditions_do_not_join() -> None:
    with pytest.raises(ValueError, match="condition"):
        combine(Link.CONDITION, ())
