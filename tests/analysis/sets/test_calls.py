from datetime import UTC, datetime

import pytest
from situations import core_of, possible

from policy_lang.analysis.sets.atoms import Fixed
from policy_lang.analysis.sets.calls import call, condition, key_of
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import FALSE, TRUE, UNKNOWN
from policy_lang.analysis.sets.variables import Variables
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.source import Span
from policy_lang.types.core import Apply, Constant, Fact
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import VERSION, Kind
from policy_lang.types.schema import Schema
from policy_lang.versions.version import Version

HOST = Function("coin", Form.FUNCTION, (Parameter("x", Kind.INT),), Kind.BOOL, lambda x: x > 0, "a coin", "coin(1)")


@pytest.mark.parametrize(
    "policy",
    [
        "device.m ^= 'a' && device.m ^= 'b'",
        "device.m ^= 'b' && device.m < 'b'",
        "device.m ^!= ''",
        "!device.m.includes('') || device.m $!= ''",
        "satisfies(device.version, '^1.4') && device.version >= '2.0.0'",
        "device.version.major == 1 && device.version > '2.0.0'",
        "device.version.major < 0",
        "device.version.minor < 0",
        "int(device.x / 1) == 3 && int(device.x / 1) > 3",
        "int(device.x) == 3 && device.x > 4.5",
        "int(device.x) == -3 && device.x > -2.5",
        "int(device.x) == 0 && (device.x >= 1.5 || device.x <= -1.5)",
        "hour(now) > 6 && inWindow('01:00', '05:00')",
        "hour(now) == 24",
        "hour(now) == device.n && device.n == 5 && inWindow('01:00', '01:30')",
        "hour(now) < 22 && hour(now) > 3 && inWindow('23:00', '02:00')",
        "weekday(now) == 8",
        "inCidr(device.ip, '10.0.0.0/8') && inCidr(device.ip, '11.1.0.0/16')",
        "inCidr(device.ip, '10.0.0.0/8') && inCidr(device.ip, '2001:db8::/32')",
        "inCidr(device.ip, '10.1.0.0/16') && !inCidr(device.ip, '10.0.0.0/8')",
        "rollout(10) && !rollout(20)",
        "rollout(0)",
        "rollout(10) && bucket(device.id, update.id) >= 100000",
        "version(device.version) < '1.0.0' && device.version > '1.0.0'",
        "number(int(device.x)) < 1 && int(device.x) > 1",
        "string(device.m) == 'a' && device.m == 'b'",
        "'r' not in device && device.r == 'x'",
        "device.m.length < 0",
        "'a'.toUpperCase() == 'a' && device.m == 'x'",
        "weekday(timestamp('2026-03-02T12:00:00Z')) != 1 && device.m == 'x'",
        "inWindow('01:00', '05:00') && now == '2026-03-02T12:00:00Z'",
        "inCidr(device.ip, '10.0.0.0/8') && device.ip == '11.1.2.3'",
        "inCidr(device.ip, '10.0.0.0/8') && device.ip == 'no address'",
        "inCidr(device.ip, '10.0.0.0/8') && device.ip == '::1'",
    ],
)
def test_what_is_never_true(policy: str) -> None:
    assert "true" not in possible(policy)


@pytest.mark.parametrize(
    "policy",
    [
        "device.m ^= 'a' && device.m ^= 'ab'",
        "satisfies(device.version, '^1.4') && device.version < '1.4.0'",
        "device.version.major == 1 && device.version < '1.0.0'",
        "device.version.major < device.n && device.version.major == 2",
        "hour(now) < device.n && inWindow('01:00', '05:00')",
        "inWindow('23:00', '02:00') && hour(now) == 0",
        "inWindow('01:00', '05:00', device.zone) && hour(now) > 6",
        "hour(timestamp('2026-03-02T12:00:00Z'), device.zone) == 3",
        "inWindow('01:00', '05:00', device.zone) && now == '2026-03-02T12:00:00Z'",
        "rollout(20) && !rollout(10)",
        "device.version.build == 'a' && device.version == '1.0.0'",
        "string(device.version) == '1.0.0+b' && device.version == '1.0.0+a'",
        "device.k in device && device.k == 'x'",
        "'a' in device.m.split(',')",
        "device.tags[0] == 'x'",
        "(device.pro ? 'ab' : 'cd').startsWith(device.m)",
        "bool(device.m) && device.m == 'TRUE'",
        "([1, 2])[0] == 1 && device.m == 'x'",
    ],
)
def test_what_can_be_true(policy: str) -> None:
    assert "true" in possible(policy)


def test_a_major_beyond_the_integers_is_unknown() -> None:
    assert possible("device.version.major < 5 && device.version > '1.0.0'") == {"true", "false", "unknown"}
    assert "unknown" in possible(
        "has(device.version) ? device.version.major < 5 || device.version <= '9007199254740992.0.0' : true"
    )


def test_with_an_unknown_argument_a_call_is_unknown() -> None:
    unknown = Constant(None, VERSION, span=Span(0, 0))
    node = core_of("satisfies(device.version, '1.x')")
    assert isinstance(node, Apply)
    args = (unknown, node.args[1])
    assert condition(node, args, Variables(), DEFAULT_OPTIONS) == Fixed(UNKNOWN)  # type: ignore[arg-type]  # a constant
    result = call(node, args, Variables(), DEFAULT_OPTIONS)  # type: ignore[arg-type]  # a constant
    assert isinstance(result, Constant)
    assert result.value is None


def test_a_host_may_change_its_mind() -> None:
    schema = Schema().with_function(HOST)
    assert "true" in possible("coin(device.n) && !coin(device.n)", schema)
    assert "false" in possible("coin(1)", schema)
    core = core_of("coin(device.n) && coin(device.n)", schema)
    assert Solver([core]).never((core, TRUE), (core, FALSE))


def test_versions_that_are_equal_are_not_the_same() -> None:
    one, other = (Constant(Version.parse(text), VERSION, span=Span(0, 0)) for text in ("1.0.0+a", "1.0.0+b"))
    assert key_of(one) != key_of(other)
    assert key_of(Variables().fact(Fact(("device", "a"), VERSION, span=Span(0, 0)))) == 0


def test_the_end_of_the_calendar_has_no_hour_further_east() -> None:
    assert datetime.max.replace(tzinfo=UTC).hour == 23
    policy = "hour(device.seen, 'Asia/Kolkata') >= 0 && device.seen == '9999-12-31T23:59:59Z'"
    assert "true" not in possible(policy)
