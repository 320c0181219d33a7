import pytest
from situations import possible

from policy_lang.analysis.sets.functions import certain_prefix, few_values
from policy_lang.analysis.sets.orders import Bounds
from policy_lang.types.model import Kind


@pytest.mark.parametrize(
    "policy",
    [
        "device.m $= 'a' && device.m $= 'b'",
        "device.m $= 'ab' && device.m $!= 'b'",
        "device.m $= 'ab' && device.m <> 'a'",
        "device.m >< 'abc' && device.m <> 'b'",
        "device.m ^= 'abc' && device.m <> 'b'",
        "device.m >< 'abcd' && device.m.length < 4",
        "device.m ^= 'abcd' && device.m.length <= 3",
        "device.m $= 'abcd' && device.m.length in [1, 2]",
        "device.m == 'b' && device.m >< 'a'",
        "device.m in ['b', 'c'] && device.m >< 'a'",
        "device.m == 'b' && device.m == /^a/",
        "device.m == 'ba' && device.m == /^[ac]+$/",
        "device.m.toLowerCase() == 'ABC'",
        "device.m.toUpperCase() in ['abc', 'a1']",
        "device.m.trim() == ' a'",
        "device.m.toLowerCase() == 'a' && device.m == 'B'",
        "device.n % 3 == 1 && device.n in [3, 6]",
        "(device.n & 1) == 1 && device.n > 1 && device.n < 3",
        "int(device.m) == 5 && device.m in ['6', 'x']",
        "device.version.patch > 3 && device.version == '1.2.3'",
        "device.version.isPrerelease && device.version == '1.2.3'",
        "string(device.pro) == 'yes' && device.pro",
        "device.version.prerelease == 'a' && device.version in ['1.0.0-b', '1.0.0']",
    ],
)
def test_what_is_never_true(policy: str) -> None:
    assert "true" not in possible(policy)


@pytest.mark.parametrize(
    "policy",
    [
        "device.m $= 'ab' && device.m $= 'b'",
        "device.m $= 'b' && device.m $!= 'ab'",
        "device.m ^= 'abc' && device.m <> 'd'",
        "device.m ^= 'abc' && device.m.length < 4",
        "device.m >< 'a' && device.m.length > 2",
        "device.m.toLowerCase() == 'abc'",
        "device.m.toLowerCase() != 'ABC'",
        "device.m.trim() == 'a'",
        "device.n % 3 == 0 && device.n in [3, 7]",
        "device.n % 3 == 0 && device.n > 5",
        "device.m.includes(device.s) && device.m == 'a'",
        "device.m.length == device.n && device.n == 3 && device.m ^= 'abc'",
        "(device.tags ?? ['a']).length == 1",
    ],
)
def test_what_can_be_true(policy: str) -> None:
    assert "true" in possible(policy)


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_changing_case_twice_changes_nothing_more(change: object) -> None:
    assert callable(change)
    assert all(change(change(chr(code))) == change(chr(code)) for code in range(0x110000))


@pytest.mark.parametrize(
    ("kind", "bounds", "values"),
    [
        (Kind.INT, (1, 4, 7, 8), [1, 2, 3, 7]),
        (Kind.INT, (1, 400), None),
        (Kind.INT, (1,), None),
        (Kind.BOOL, (0, 2), [0, 1]),
        (Kind.STRING, ("a", "a\0", "b", "b\0"), ["a", "b"]),
        (Kind.STRING, ("a", "b"), None),
        (Kind.LIST, (0, 1), None),
        (Kind.OBJECT, (0, 1), None),
        (Kind.INT, tuple(range(200)), None),
        (Kind.INT, (), []),
    ],
)
def test_few_values(kind: Kind, bounds: Bounds, values: list[object] | None) -> None:
    assert few_values(kind, bounds) == values


@pytest.mark.parametrize(
    ("bounds", "prefix"),
    [
        (("us-e", "us-x"), "us-"),
        (("a",), ""),
        ((), ""),
        (("abc", "abd"), "abc"),
        (("a", "b"), "a"),
        (("a", "c"), ""),
        (("\U0010ffffa", "\U0010ffffb"), "\U0010ffffa"),
    ],
)
def test_what_all_texts_start_with(bounds: Bounds, prefix: str) -> None:
    assert certain_prefix(bounds) == prefix
