import io

import pytest

from policy_lang.cli.output import Output, Styled
from policy_lang.cli.table import Table, cut, width, wrap


def test_the_first_rows_settle_the_widths_and_the_others_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    stream = io.StringIO()
    table = Table(Output(stream), ("id", "why"))
    for _ in range(99):
        table.add(("abc", "x"))
    assert stream.getvalue() == ""
    table.add(("abc", "x"), below=[Styled("below")])
    assert stream.getvalue().startswith("id   why\nabc  x\n")
    assert stream.getvalue().endswith("abc  x\nbelow\n")
    table.add(("abcdefgh", "x"))
    assert stream.getvalue().endswith("abcdefgh  x\n")
    table.close()
    assert stream.getvalue().count("id ") == 1


def test_nothing_is_shorter_than_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "5")
    stream = io.StringIO()
    table = Table(Output(stream), ("id", "why"))
    table.add(("a" * 20, "b" * 20))
    table.close()
    assert stream.getvalue().splitlines()[1] == "aaaaa…aa  bbbbbbb…"


def test_a_wrong_setting_of_the_width_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "wide")
    assert Output(io.StringIO()).columns is None


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("a\N{COMBINING ACUTE ACCENT}b", 2), ("日本", 4)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("abcdefgh", 8, "abcdefgh"),
        ("abcdefghi", 8, "abcde…hi"),
        ("日本語日本語", 8, "日本…語"),
        ("日本語", 2, "…"),
        ("a" * 100_000 + "z", 8, "aaaaa…az"),
    ],
)
def test_cut(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown
    assert width(shown) <= columns


def test_wrap_indents_what_follows() -> None:
    assert wrap("  one two three", 10, 2) == ["  one two", "    three"]
    assert wrap("  one two three", None, 2) == ["  one two three"]


def test_wrap_counts_columns_and_not_characters() -> None:
    assert wrap("  日本 語 ルータ x", 8, 2) == ["  日本", "    語", "    ルータ", "    x"]


def test_wrap_keeps_blanks_and_long_words() -> None:
    assert wrap("is 'a  b' or 'abcdefghijklm'", 12, 1) == ["is 'a  b' or", " 'abcdefghijklm'"]


def test_a_sentence_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stream = io.StringIO()
    table = Table(Output(stream), ("code", "rule", "title"), wraps=True)
    table.add(("PL1", "-", "a sentence that is too long"))
    table.add(("PL2", "a_name_that_is_too_long", "short"))
    table.close()
    assert stream.getvalue().splitlines() == [
        "code  rule          title",
        "PL1   -             a sentence",
        "                    that is",
        "                    too long",
        "PL2   a_name_t…ong  short",
    ]


def test_wrap_keeps_a_number_and_its_percent_together() -> None:
    assert wrap("it comes after 70.1586 %", 23, 2) == ["it comes after", "  70.1586 %"]
