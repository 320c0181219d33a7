import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.syntax.literals import is_number, read_number, read_text, write_text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_written_text_reads_back(value: str) -> None:
    assert read_text(write_text(value)) == (value, [])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"'\x41\u0042\u{43}'", "ABC"),
        (r"'\ud83d\ude00'", "\U0001f600"),
        ("'a\\\r\nb\\\nc'", "abc"),
        (r"'\0'", "\0"),
        (r'"\'\"\\\/"', "'\"\\/"),
        (r"'\b\f\v\t\r\n'", "\b\f\v\t\r\n"),
    ],
)
def test_escapes_are_javascripts(written: str, value: str) -> None:
    assert read_text(written) == (value, [])


@pytest.mark.parametrize(
    "written",
    [r"'\a'", r"'\x4'", r"'\u12'", r"'\u{}'", r"'\u{110000}'", r"'\1'", r"'\07'", r"'\ud800'", r"'\8'", r"'\U0041'", r"'\é'"],
)
def test_other_escapes_are_errors_with_help(written: str) -> None:
    _, problems = read_text(written)
    assert problems
    assert all(
        problem.message and problem.help and 0 <= problem.span.start < problem.span.end <= len(written) for problem in problems
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [("0", 0), ("0xfF", 255), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("9007199254740991", 2**53 - 1), ("0e0", 0.0)],
)
def test_numbers(written: str, value: float) -> None:
    assert read_number(written) == value
    assert type(read_number(written)) is type(value)


@pytest.mark.parametrize(
    ("written", "has_form"),
    [
        ("9007199254740992", True),
        ("1e999", True),
        ("0x20000000000000", True),
        ("9" * 5000, True),
        ("1_0", False),
        ("0b1", False),
        ("01", False),
        (".", False),
    ],
)
def test_numbers_that_are_out_of_range_or_none(written: str, has_form: object) -> None:
    assert read_number(written) is None
    assert is_number(written) is has_form
