import pytest

from policy_lang.compiler.explain import Explanation
from policy_lang.pipeline import compile_policy
from policy_lang.source import on_one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("device.a", "device.a"),
        ("  device.a\n\n  && device.b\n", "device.a && device.b"),
        ("device.a // x\n && device.b", "device.a && device.b"),
        ("// first\ndevice.a /* in\n between */ && device.b // last", "device.a && device.b"),
        ("device.a == 'x // y'\n", "device.a == 'x // y'"),
        ("device.a == 'two  blanks'", "device.a == 'two  blanks'"),
        ('device.a == "it\'s /* no */ comment" // but this', 'device.a == "it\'s /* no */ comment"'),
        (r"device.a == 'a\'// b' // c", r"device.a == 'a\'// b'"),
        (r"device.a == /http:\/\/[//]x/ // c", r"device.a == /http:\/\/[//]x/"),
        ("/a  b/ == device.a", "/a  b/ == device.a"),
        ("device.a.matches(/a  b/)", "device.a.matches(/a  b/)"),
        ("device.a / 2 // half\n / 3 > 1", "device.a / 2 / 3 > 1"),
    ],
)
def test_a_policy_on_one_line(text: str, line: str) -> None:
    assert on_one_line(text) == line


def _explain(text: str) -> Explanation:
    return compile_policy(text).explain({"pro": True})


def test_an_explanation_shows_no_comments() -> None:
    assert _explain("device.pro // paid\n && device.a > 1").root.text == "device.pro && device.a > 1"


def test_a_property_that_is_read_twice_is_one_reason() -> None:
    explanation = _explain("device.a > 1 || device.a < -1 || device.b == 'x'")
    assert explanation.reasons == ("device.a: missing", "device.b: missing")
    assert len(explanation.causes) == 3
