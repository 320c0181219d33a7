import pytest
from situations import core_of, possible

from policy_lang.analysis.sets.demands import Demands
from policy_lang.analysis.sets.formulas import FAILS, HOLDS
from policy_lang.analysis.sets.search import Verdict
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import ANY, KNOWN, TRUE, UNKNOWN
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.source import Span
from policy_lang.types.core import Coalesce, Compare, Comparison, Constant, Core, Fact, In, ListOf, Not
from policy_lang.types.model import STRING, list_of
from policy_lang.types.schema import Schema

ALL = {"true", "false", "unknown"}
SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            "d": {"type": "integer", "default": 3},
            "f": {"type": "integer", "default": 5},
            "n": {"type": "integer"},
            "o": {"type": "object", "properties": {"k": {"type": "integer"}}, "default": {"k": 1}},
            "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
            "t": {"type": "string", "default": "a"},
        },
    }
)


@pytest.mark.parametrize(
    ("policy", "results"),
    [
        ("device.a < 5 && device.a >= 5", {"false", "unknown"}),
        ("device.a < 5 || device.a >= 5", {"true", "unknown"}),
        ("has(device.a) && device.a < 5", ALL),
        ("has(device.a) && !has(device.a)", {"false"}),
        ("has(device.a) || !has(device.a)", {"true"}),
        ("(device.a ?? 1) < 5 || (device.a ?? 1) >= 5", {"true"}),
        ("(device.r ?? 'x') == 'y' && !has(device.r)", {"false"}),
        ("(device.r ?? device.s ?? 'x') == 'y' && !has(device.r) && !has(device.s)", {"false"}),
        ("(device.r ?? device.s) == 'y' && device.r == 'x'", {"false", "unknown"}),
        ("(device.pro ?? true) && (device.pro == false)", {"false", "unknown"}),
        ("(device.pro ?? device.b ?? true) && device.pro && device.b", ALL),
        ("(device.pro ? 1 : 2) == 3", {"false", "unknown"}),
        ("(device.pro ? device.a : 2) == 3 && !device.pro", {"false", "unknown"}),
        ("(device.pro ? device.a < 5 : device.a < 6) && device.a > 7", {"false", "unknown"}),
        ("device.pro == true && device.pro != true", {"false", "unknown"}),
        ("(device.a < 5) == (device.a >= 5)", {"false", "unknown"}),
        ("(device.a < 5) != (device.a >= 5)", {"true", "unknown"}),
        ("(device.pro == device.b) && device.pro && !device.b", {"false", "unknown"}),
        ("string(device.a < 5) == 'maybe'", {"false", "unknown"}),
        ("string(device.pro) == 'true' && !device.pro", {"false", "unknown"}),
        ("device.a in [1, 2] && device.a == 3", {"false", "unknown"}),
        ("device.a in [1, device.n, 2] && device.a == 5 && device.n == 6", {"false", "unknown"}),
        ("5 in [device.a, device.n] && device.a < 5 && device.n < 5", {"false", "unknown"}),
        ("3 in [1, 2] && device.a == 1", {"false"}),
        ("'a' in device.tags && 'a' not in device.tags", {"false", "unknown"}),
        ("'a' in device.tags && 'b' not in device.tags", ALL),
        ("device.m in device.tags && device.m not in device.tags && device.m == 'a'", {"false", "unknown"}),
        ("device.a == device.a && device.a < 5", ALL),
        ("device.a < device.a && device.a < 5", {"false", "unknown"}),
        ("5 < device.a && device.a <= 5", {"false", "unknown"}),
        ("1 < 2 && device.a == 1 && device.a == 2", {"false", "unknown"}),
        ("'a' == 'a' && device.a == 1 && device.a == 2", {"false", "unknown"}),
        ("has(device.a.b) && !has(device.a)", {"false"}),
        ("device.a.b == 1 && !has(device.a)", {"false", "unknown"}),
        ("'b' in device.a && !has(device.a.b)", {"false", "unknown"}),
        ("[device.a, 1].length == 2 && device.a == 1", ALL),
        ("(device.a ?? 1) + (device.b ?? 2) == 3 && device.a == 1", ALL),
    ],
)
def test_which_results_are_possible(policy: str, results: set[str]) -> None:
    assert possible(policy) == results


@pytest.mark.parametrize(
    ("policy", "results"),
    [
        ("device.d == 3 && !has(device.d)", {"true", "false"}),
        ("device.d != 3 && !has(device.d)", {"false"}),
        ("device.d < device.f || has(device.d) || has(device.f)", {"true"}),
        ("device.d >= device.f && !has(device.d) && !has(device.f)", {"false"}),
        ("device.d < device.n && !has(device.d) && device.n < 3", {"false", "unknown"}),
        ("device.d + 1 == 4 || has(device.d)", {"true"}),
        ("'a' in device.tags || has(device.tags)", ALL),
        ("'k' in device.o || has(device.o)", {"true"}),
        ("device.t in device.o && !has(device.t) && !has(device.o)", {"false"}),
        ("device.t in device.o && device.n == 1", ALL),
        ("device.t in device.tags && device.n == 1 && device.n == 2", {"false", "unknown"}),
    ],
)
def test_defaults_stand_for_what_is_missing(policy: str, results: set[str]) -> None:
    assert possible(policy, SCHEMA) == results


def test_what_has_too_many_cases_can_be_anything() -> None:
    value = "device.v" + "".join(f" ?? device.v{at}" for at in range(20))
    for condition in (f"({value}) == 1", f"({value}) in [1, 2]", f"(({value}) + 1) == 1", f"string({value}).startsWith('1')"):
        assert possible(f"{condition} && !({condition})") == ALL


def test_too_many_cases_on_both_sides() -> None:
    left, right = (f"({name} ?? {name}1 ?? {name}2 ?? {name}3)" for name in ("device.a", "device.b"))
    policy = f"{left} == {right} && device.a == 1 && device.b == 2 && device.a > 0"
    assert possible(policy, _ints()) == ALL
    assert possible(f"{left} in [{right}]", _ints()) == ALL
    assert possible(f"({left} + {right}) > 1", _ints()) == ALL
    assert possible(f"({left} + {right} + {left}) > 1", _ints()) == ALL


def test_too_many_cases_of_texts_and_lists() -> None:
    left, right = (f"({name} ?? {name}1 ?? {name}2 ?? {name}3)" for name in ("device.a", "device.b"))
    lists = "(device.c ?? device.c1 ?? device.c2 ?? device.c3)"
    texts = {f"{name}{at}": {"type": "string"} for name in "ab" for at in ("", 1, 2, 3)}
    listed = {f"c{at}": {"type": "array", "items": {"type": "string"}} for at in ("", 1, 2, 3)}
    schema = Schema.load({"type": "object", "properties": {**texts, **listed}})
    assert possible(f"{left} ^= {right}", schema) == ALL
    assert possible(f"{left} in {lists}", schema) == ALL


def _ints() -> Schema:
    names = [f"{name}{at}" for name in "ab" for at in ("", 1, 2, 3)]
    return Schema.load({"type": "object", "properties": {name: {"type": "integer"} for name in names}})


def test_unknown_constants_come_from_binding() -> None:
    here = Span(0, 0)
    unknown = Constant(None, STRING, span=here)
    fact = Fact(("device", "t"), STRING, span=here)
    demands = Demands(DEFAULT_OPTIONS, {})
    kept: list[Core] = []

    def never_true(needle: Core, haystack: Core) -> bool:
        kept.append(In(needle, haystack, span=here))
        return demands.demand(kept[-1], TRUE) is FAILS and demands.demand(Not(kept[-1], span=here), TRUE) is FAILS

    texts = Constant(("a", None), list_of(STRING), span=here)
    assert never_true(unknown, texts)
    assert never_true(fact, Constant(None, list_of(STRING), span=here))
    assert never_true(unknown, Fact(("device", "l"), list_of(STRING), span=here))
    half = In(fact, texts, span=here)
    assert demands.demand(half, TRUE) is not FAILS
    assert demands.demand(Not(half, span=here), TRUE) is FAILS
    some = In(Constant("b", STRING, span=here), texts, span=here)
    assert demands.demand(some, TRUE) is FAILS
    assert demands.demand(some, UNKNOWN) is HOLDS
    first = Compare(Comparison.EQUAL, Coalesce((unknown, fact), span=here), Constant("b", STRING, span=here), span=here)
    assert Solver([first]).possible([(first, TRUE)]) is Verdict.POSSIBLE
    assert Solver([first]).never((first, TRUE), (Compare(Comparison.EQUAL, fact, text_of("c"), span=here), TRUE))


def text_of(text: str) -> Constant:
    return Constant(text, STRING, span=Span(0, 0))


def test_what_is_known() -> None:
    core = core_of("device.a < 5 && device.a > 3")
    solver = Solver([core])
    assert not solver.never((core, KNOWN))
    assert solver.never((core, KNOWN), (core, UNKNOWN))
    core = core_of("device.a < 5 && device.a > 7")
    assert Solver([core]).never((core, TRUE)) and not Solver([core]).never((core, KNOWN))  # noqa: PT018  one claim


def test_a_list_is_no_condition() -> None:
    node = ListOf((Constant("a", STRING, span=Span(0, 0)),), span=Span(0, 0))
    with pytest.raises(TypeError):
        Demands(DEFAULT_OPTIONS, {}).demand(node, TRUE)


def test_all_results_and_none() -> None:
    core, demands = core_of("device.a < 5"), Demands(DEFAULT_OPTIONS, {})
    assert demands.demand(core, ANY) is HOLDS
    assert demands.demand(core, 0) is FAILS
    assert demands.demand(core, TRUE) is demands.demand(core, TRUE)
