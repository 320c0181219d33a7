import pytest

from policy_lang.documents.yaml_scalars import ScalarError, convert, resolve


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nulls(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False), ("FALSE", False)])
def test_bools(text: str, value: bool) -> None:  # noqa: FBT001
    assert resolve(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.0", 1.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1e3", -1000.0),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert (resolve(text), type(resolve(text))) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "nUll",
        "tRUE",
        "12:30",
        "1:20:30",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "1_000",
        "0b1",
        "0X1F",
        "1.2.3",
        "-",
        "+",
        ".",
        "..",
        "-0x1F",
        "1e",
        "\u0661",
        "0o8",
        "<<",
        "=",
        ".infinity",
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".inf", "infinities and NaN are not allowed"),
        ("-.INF", "infinities and NaN are not allowed"),
        (".NaN", "infinities and NaN are not allowed"),
        ("1e999", "the number `1e999` is too large"),
        ("1" * 4301, f"the number `{'1' * 40}…` is too long"),
    ],
)
def test_numbers_that_no_value_stands_for(text: str, message: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve(text)
    assert str(caught.value) == message


def test_a_lowered_limit_of_digits_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def lowered(*_: object) -> int:
        raise ValueError

    monkeypatch.setattr("policy_lang.documents.yaml_scalars.int", lowered, raising=False)
    with pytest.raises(ScalarError):
        resolve("12")


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("3", "str", "3"),
        ("3", "int", 3),
        ("3", "float", 3.0),
        ("0x10", "float", 16.0),
        ("1.5", "float", 1.5),
        ("true", "bool", True),
        ("~", "null", None),
        ("", "str", ""),
    ],
)
def test_tags_say_the_type(text: str, tag: str, value: object) -> None:
    assert (convert(text, tag), type(convert(text, tag))) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "tag", "message"),
    [
        ("x", "int", "`x` is not a whole number"),
        ("1.5", "int", "`1.5` is not a whole number"),
        ("true", "int", "`true` is not a whole number"),
        ("x", "float", "`x` is not a number"),
        ("yes", "bool", "`yes` is not true or false"),
        ("0", "null", "`0` is not null"),
        ("9" * 400, "float", f"the number `{'9' * 40}…` is too large"),
    ],
)
def test_a_value_of_another_type_is_an_error(text: str, tag: str, message: str) -> None:
    with pytest.raises(ScalarError) as caught:
        convert(text, tag)
    assert str(caught.value) == message
