"""What the formatter promises beyond the layouts in `cases/formatter`."""

import pytest

import policy_lang
from policy_lang.errors import PolicySyntaxError
from policy_lang.options import Options
from policy_lang.syntax import formatter
from policy_lang.syntax.formatter import FormatterFaultError, format_policy
from policy_lang.syntax.parser import parse_tree
from policy_lang.syntax.printer import print_policy


def test_it_is_public() -> None:
    assert policy_lang.format_policy is format_policy


@pytest.mark.parametrize("ending", ["", "\n"])
def test_the_last_line_ends_if_it_did(ending: str) -> None:
    assert format_policy(f"device.a==1{ending}") == f"device.a == 1{ending}"
    assert format_policy(f"device.a // why{ending}") == f"device.a // why{ending}"


def test_lines_end_in_one_character() -> None:
    text = "device.a // of a\r\n && device.b /* of\r\n   b */\r\n"
    assert format_policy(text) == "device.a // of a\n&& device.b /* of\n   b */\n"


def test_the_width_is_a_choice() -> None:
    text = "device.a == 1 && device.b == 2"
    assert format_policy(text, width=30) == text
    assert format_policy(text, width=29) == "device.a == 1\n&& device.b == 2"


@pytest.mark.parametrize("text", ["", "device.a &&", "device.a = 1", "1 < device.a < 3", "device.a // \ud800"])
def test_what_is_not_a_policy(text: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        format_policy(text, name="a.policy")
    assert {each.source.name for each in caught.value.diagnostics if each.source} == {"a.policy"}


BROKEN = {
    "other tree": ("device.a", "device.b", "changes its meaning"),
    "other literal": ("device.a == 1", "device.a == 1.0", "changes its meaning"),
    "a mistake": ("device.a == 1", "device.a = 1", "changes its meaning"),
    "no policy": ("device.a", "device.a &&", "does not parse"),
    "lost comment": ("device.a // b", "device.a", "changes its comments"),
    "doubled comment": ("device.a // b", "device.a // b\n// b", "changes its comments"),
    "other comment": ("device.a // b", "device.a // c", "changes its comments"),
    "other order": ("/* a */ device.a // b", "device.a // b\n/* a */", "changes its comments"),
}


@pytest.mark.parametrize(("text", "broken", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_printer_is_refused(text: str, broken: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "render", lambda *_: broken)
    with pytest.raises(FormatterFaultError, match=message):
        format_policy(text)


def test_an_unstable_printer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts = iter(["device.a", "(device.a)"])
    monkeypatch.setattr(formatter, "render", lambda *_: next(layouts))
    with pytest.raises(FormatterFaultError, match="once more"):
        format_policy("( device.a )")


LONG = "device.a==1&&device.b==2||device.c==3"


def test_near_the_limit_of_length_lines_and_parentheses_are_saved() -> None:
    wide = "device.a == 1 && device.b == 2 || device.c == 3"
    text = format_policy(LONG, width=20, options=Options(max_source=len(wide)))
    assert text == wide
    assert format_policy(text, width=20, options=Options(max_source=len(wide))) == wide


@pytest.mark.parametrize(
    ("options", "code"), [(Options(max_source=len(LONG)), "PL120"), (Options(max_source=40, max_nodes=99), "PL120")]
)
def test_over_the_limit_is_a_finding(options: Options, code: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        format_policy(LONG, options=options)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.message.startswith("formatted, the policy has 47 bytes, more than the limit of ")
    assert found.source is not None
    assert found.source.text == LONG


def test_near_the_limit_of_nesting_parentheses_are_saved() -> None:
    text = "device.a && device.b || device.c"
    assert format_policy(text, options=Options(max_depth=2)) == text
    assert format_policy(text, options=Options(max_depth=3)) == "(device.a && device.b) || device.c"


def test_one_line_without_comments_is_the_canonical_text_with_clear_parentheses() -> None:
    text = "device.a === \"x\" && (device.b || !(device.c)) || device.d in ['a','b',]"
    expected = "(device.a == 'x' && (device.b || !device.c)) || device.d in ['a', 'b']"
    assert format_policy(text) == expected
    assert print_policy(parse_tree(text)) == expected.replace("(device.a", "device.a").replace("))", ")")


def test_a_very_long_policy() -> None:
    text = " || ".join(f"device.model == 'x{number}'" for number in range(300))
    assert format_policy(text).count("\n|| ") == 299


def test_a_very_deep_policy() -> None:
    text = "!(device.a || " * 20 + "device.b" + ")" * 20
    lines = format_policy(text, width=40).split("\n")
    assert max(map(len, lines)) < 20 * 4 + 40
    assert parse_tree("\n".join(lines)) == parse_tree(text)
