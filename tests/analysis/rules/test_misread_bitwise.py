import pytest
from linting import findings, fixed, fixes, marked

from policy_lang.analysis.rules.misread_bitwise import RULE
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"properties": {"memory": {"type": "integer"}, "banks": {"type": "integer"}, "model": {"type": "string"}}})


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("device.memory << 3 > 64", "device.memory * 8 > 64"),
        ("device.memory + device.banks << 2 == 8", "(device.memory + device.banks) * 4 == 8"),
        ("-(device.memory << 52) < 0", "-(device.memory * 4503599627370496) < 0"),
        ("2 * (device.memory << 1) < 64", "2 * (device.memory * 2) < 64"),
        ("(device.memory + 1) << 3 == 72", "(device.memory + 1) * 8 == 72"),
        ("device.memory << 0 == 8", "device.memory * 1 == 8"),
        ("device.model.length << 1 == 8", "device.model.length * 2 == 8"),
    ],
)
def test_a_shift_to_the_left_multiplies(policy: str, after: str) -> None:
    assert fixed(RULE, policy, SCHEMA) == after


def test_no_fix_where_the_shift_alone_makes_a_property_an_int() -> None:
    """Of 1.5 the shift is unknown, and the product would be 12."""
    assert len(findings(RULE, "device.memory << 3 > 64")) == 1
    assert fixes(RULE, "device.memory << 3 > 64") == []
    assert fixes(RULE, "[device.memory, 1][0] << 3 > 64", SCHEMA) == []
    assert fixes(RULE, "(device.memory ?? 1) << 3 > 64", SCHEMA) == []
    assert fixes(RULE, "+device.memory << 3 > 64", SCHEMA) == []


@pytest.mark.parametrize(
    ("policy", "message", "help_"),
    [
        (
            "device.memory == (2 ^ 10)",
            "`^` in `2 ^ 10` is the bitwise exclusive or, not a power",
            "for the power write `1024`; if bits are meant, a hexadecimal number says so: `^ 0xA`",
        ),
        (
            "device.memory == (10 ^ 60)",
            "`^` in `10 ^ 60` is the bitwise exclusive or, not a power",
            "if bits are meant, a hexadecimal number says so: `^ 0x3C`",
        ),
        (
            "device.memory == (10 ^ 53)",
            "`^` in `10 ^ 53` is the bitwise exclusive or, not a power",
            "if bits are meant, a hexadecimal number says so: `^ 0x35`",
        ),
        (
            "(device.side ^ 2) > 100",
            "`^` in `device.side ^ 2` is the bitwise exclusive or, not a power",
            "for a power multiply: `device.side * …`; if bits are meant, a hexadecimal number says so: `^ 0x2`",
        ),
        (
            "device.memory >> 10 > 1",
            "`device.memory >> 10` divides by 1024",
            "write `/ 1024`, which keeps the fraction that a shift drops",
        ),
        ("device.memory << 10 > 1", "`device.memory << 10` multiplies by 1024", "write `* 1024`"),
    ],
)
def test_messages(policy: str, message: str, help_: str) -> None:
    (found,) = findings(RULE, policy)
    assert (found.message, found.help) == (message, help_)
    assert marked(RULE, policy)[0] in {"^", "<<", ">>"}
    assert fixes(RULE, policy) == []


@pytest.mark.parametrize(
    "policy",
    [
        "(device.flags & 1 << 4) != 0",
        "(device.flags >> 3 & 1) == 1",
        "(~(device.flags << 1) | 0) == 1",
        "((device.flags & 240) >> 4) == 2",
        "(device.flags ^ 0xFF) == 0",
        "(device.flags ^ device.mask) == 0",
        "device.memory == 1 << 10",
        "device.memory * 2 == 8",
    ],
)
def test_among_bits_these_operators_are_at_home(policy: str) -> None:
    assert findings(RULE, policy) == []


def test_no_fix_that_would_lose_a_comment() -> None:
    assert fixes(RULE, "device.memory << /* KiB */ 3 > 64", SCHEMA) == []
