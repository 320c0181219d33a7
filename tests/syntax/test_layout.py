"""Where lines end."""

import pytest

from policy_lang.syntax.layout import Group, HardLine, IfBroken, Indent, Layout, Line, Note, must_break, render

LIST: Layout = Group(("[", Indent((Line(""), "aa,", Line(), "bb", IfBroken(","))), Line(""), "]"))
BROKEN = "[\n    aa,\n    bb,\n]"


@pytest.mark.parametrize(("width", "text"), [(8, "[aa, bb]"), (7, BROKEN), (0, BROKEN)])
def test_a_group_stands_on_one_line_if_it_fits(width: int, text: str) -> None:
    assert render(LIST, width) == text


@pytest.mark.parametrize(
    ("width", "text"), [(19, "[aa, bb] + [aa, bb]"), (18, f"[aa, bb] + {BROKEN}"), (12, f"[aa, bb] + {BROKEN}")]
)
def test_what_follows_up_to_the_next_line_end_must_fit_too(width: int, text: str) -> None:
    assert render((LIST, " + ", LIST), width) == text
    assert render((LIST, " + [aaaaaaa]"), 18) == f"{BROKEN} + [aaaaaaa]"


def test_the_outer_group_breaks_first() -> None:
    assert render(Group(("a", Line(), LIST)), 9) == "a\n[aa, bb]"
    assert render(Group((LIST, Line(), "a")), 9) == "[aa, bb]\na"
    assert render(Group((LIST, IfBroken("cc"), Line(), "a")), 9) == f"{BROKEN}cc\na"


def test_a_comment_takes_no_room() -> None:
    assert render((LIST, Note(" // a long comment")), 8) == "[aa, bb] // a long comment"


@pytest.mark.parametrize("inner", [HardLine(), Note("/* a\n b */"), Indent(("a", HardLine())), Group(("a", Note("/*\n*/")))])
def test_what_has_lines_breaks_the_groups_around_it(inner: Layout) -> None:
    assert must_break(("a", inner))
    assert render(Group(("x", Line("-"), Indent(inner))), 80).startswith("x\n")


@pytest.mark.parametrize("inner", ["a", Line(), IfBroken(","), Note("// a"), LIST])
def test_what_may_stand_on_one_line(inner: Layout) -> None:
    assert not must_break((inner, Indent(inner)))


def test_a_blank_line_has_no_blanks() -> None:
    assert render(Indent(("a", HardLine(is_double=True), "b", HardLine(), "c")), 80) == "a\n\n    b\n    c"


@pytest.mark.parametrize(
    ("text", "column", "moved"),
    [
        ("/* a\n     b\n   */", 0, "/* a\n         b\n       */"),
        ("/* a\n     b\n   */", 2, "/* a\n       b\n     */"),
        ("/* a\n b */", 4, "/* a\n    b */"),
        ("/* a\n\n\tb */", 2, "/* a\n\n    b */"),
        ("/* a\n  b */", None, "/* a\n  b */"),
    ],
)
def test_the_lines_of_a_comment_move_along(text: str, column: int | None, moved: str) -> None:
    assert render(Indent((HardLine(), Note(text, column))), 80) == f"\n    {moved}"
