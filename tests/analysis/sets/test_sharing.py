import pytest
from situations import core_of

from policy_lang.analysis.sets.sharing import find_free
from policy_lang.analysis.sets.truth import ANY, FALSE, KNOWN, TRUE, UNKNOWN
from policy_lang.source import Span
from policy_lang.types.core import And, Compare, Comparison, Constant, Fact
from policy_lang.types.model import BOOL
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            "e": {"enum": ["x", "y"]},
            "n": {"type": "integer"},
            "x": {"type": "number"},
            "m": {"type": "string"},
            "l": {"type": "array", "items": {"type": "string"}},
            "o": {"type": "object", "properties": {"k": {"type": "integer"}}},
            "seen": {"type": "string", "format": "date-time"},
            "up": {"type": "string", "format": "duration"},
        },
    }
)


@pytest.mark.parametrize(
    ("policy", "results"),
    [
        ("device.pro", ANY),
        ("!device.pro", ANY),
        ("device.pro == true", ANY),
        ("device.m == 'a' && device.n < 5 && update.channel == 'beta'", ANY),
        ("device.m == 'a' || device.n < 5", ANY),
        ("has(device.m)", KNOWN),
        ("has(device.m) && has(device.n)", KNOWN),
        ("has(device.m) && device.pro", ANY),
        ("device.version < update.version", ANY),
        ("device.version >= '1.0.0'", ANY),
        ("'1.0.0' <= device.version", ANY),
        ("device.version in ['1.0.0', '2.0.0']", ANY),
        ("'a' in device.l", ANY),
        ("device.m ^= 'a'", ANY),
        ("device.m == /^a+/", ANY),
        ("satisfies(device.version, '^1')", ANY),
        ("inCidr(device.m, '10.0.0.0/8')", ANY),
        ("inWindow('01:00', '05:00')", ANY),
        ("rollout(10)", ANY),
        ("device.seen < '2026-01-01T00:00:00Z'", ANY),
        ("device.up < '7d'", ANY),
        ("device.x < 1.5", ANY),
        ("device.o.k == 1", ANY),
        ("true", TRUE),
        ("false && device.m == 'a'", FALSE),
        ("true || device.m == 'a'", TRUE),
        ("true && device.m == 'a'", ANY),
    ],
)
def test_what_is_free_can_have_these_results(policy: str, results: int) -> None:
    core = core_of(policy, None if "device.pro" in policy else SCHEMA)
    assert find_free([core])[id(core)] == results


@pytest.mark.parametrize(
    "policy",
    [
        "device.n < 5 && device.n > 3",
        "device.n < 5 && has(device.n)",
        "device.o.k == 1 && has(device.o)",
        "device.o.k == 1 && 'k' in device.o",
        "device.e == 'x'",
        "device.e in ['x', 'y']",
        "device.n == 1.5",
        "device.n < 9007199254740991",
        "device.x < 1e301",
        "device.m < ''",
        "device.m ^= ''",
        "device.version < '0.0.0-0'",
        "satisfies(device.version, '*')",
        "satisfies(device.version, '>1.0.0 <1.0.0')",
        "rollout(0)",
        "rollout(100)",
        "device.seen < '9999-12-31T23:59:59Z'",
        "device.up < '99999999d'",
        "device.n + 1 == 2",
        "device.n in []",
        "device.m.toLowerCase() == 'a'",
        "device.m == device.m.trim()",
        "device.m.length == 2",
        "inWindow('01:00', '05:00', device.m) && device.seen > now",
        "device.n < 5 ? true : false",
    ],
)
def test_what_is_left_to_the_search(policy: str) -> None:
    core = core_of(policy, SCHEMA)
    assert id(core) not in find_free([core])


def test_parts_are_free_though_the_whole_is_not() -> None:
    core = core_of("device.a < 5 && device.b == 'x' && (device.c || !device.c)")
    assert isinstance(core, And)
    free = find_free([core])
    assert [id(item) in free for item in core.items] == [True, True, False]


def test_a_property_of_another_policy_is_shared() -> None:
    one, other = core_of("device.a < 5"), core_of("device.a > 5")
    assert find_free([one, other]) == {}


def test_an_unknown_that_binding_made() -> None:
    here = Span(0, 0)
    comparison = Compare(Comparison.EQUAL, Fact(("device", "a"), BOOL, span=here), Constant(None, BOOL, span=here), span=here)
    assert find_free([comparison]) == {}
    unknown = Constant(None, BOOL, span=Span(0, 0))
    assert find_free([unknown]) == {id(unknown): UNKNOWN}
