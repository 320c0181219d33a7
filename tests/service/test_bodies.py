import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.service.bodies import MAX_DEPTH, BodyError, read_object, read_report

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(TEXTS, PLAIN, max_size=6), st.booleans())
def test_what_json_writes_is_read(device: dict[str, Any], ascii_only: bool) -> None:  # noqa: FBT001  hypothesis gives it by place
    body = json.dumps(device, ensure_ascii=ascii_only).encode()
    assert repr(read_object(body)) == repr(json.loads(body))


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.text('{}[]":,\\u0019ae.-\n', max_size=40).map(str.encode))
def test_any_bytes_give_an_object_or_a_reason(body: bytes) -> None:
    try:
        assert isinstance(read_object(body), dict)
    except BodyError as error:
        message = str(error)
        assert message == message.strip()
        assert "\n" not in message
        assert message[:1].lower() == message[:1]


@given(st.dictionaries(st.text('ab:\\"é', min_size=1, max_size=2), TEXTS | st.integers(), min_size=1, max_size=4), st.data())
def test_no_property_that_stands_twice_with_two_values_is_ever_read(device: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(device)))
    other = data.draw((TEXTS | st.integers()).filter(lambda value: value != device[key]))
    members = [f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False)}" for name, value in device.items()]
    members.insert(
        data.draw(st.integers(0, len(members))), f"{json.dumps(key, ensure_ascii=False)}:{json.dumps(other, ensure_ascii=False)}"
    )
    with pytest.raises(BodyError, match="stands twice with different values"):
        read_object(f"{{{','.join(members)}}}".encode())


@pytest.mark.parametrize("body", ['{"version":"1.0.0","version":"1.0.0"}', '{"a":1,"version":"1.0.0","version":"1.0.0"}'])
def test_a_property_that_stands_twice_with_one_value_is_one(body: str) -> None:
    assert read_object(body.encode())["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", 'the body is empty; write `{"id": …, "version": …}`'),
        (" \n", 'the body is empty; write `{"id": …, "version": …}`'),
        ("[1]", 'the body is not an object; write `{"id": …, "version": …}`'),
        ('{"a":1,"a":2}', "the property `a` stands twice with different values; send it once"),
        ('{"a":1,"a":1.0}', "the property `a` stands twice with different values; send it once"),
        ('{"a":1,"a":true}', "the property `a` stands twice with different values; send it once"),
        ('{"in":{"a":1,"a":2}}', "the property `a` stands twice with different values; send it once"),
        ('{"\\u0007":1,"\\u0007":2}', "the property `\\x07` stands twice with different values; send it once"),
        ('{"a":NaN}', "a number is not finite (line 1, column 6)"),
        ('{"NaN":"NaN",\n "a":-Infinity}', "a number is not finite (line 2, column 6)"),
        ('{"a":1e5,"b":1e999}', "a number is not finite (line 1, column 14)"),
        ('{"a":1}x', "there is more after the end of the object (line 1, column 8)"),
        ('{"a":"\\ud800"}', "half a character is escaped; both halves are needed (line 1, column 7)"),
        ('{"a":"\\ude00"}', "half a character is escaped; both halves are needed (line 1, column 7)"),
        ('{"a":"\\ud83d-\\ude00"}', "half a character is escaped; both halves are needed (line 1, column 7)"),
        ('{"a":"x\\u0000"}', "the character U+0000 cannot be kept (line 1, column 8)"),
        ('{"a":"x\ny"}', "a control character stands in a text; write a line break as `\\n` (line 1, column 8)"),
        ('{"a":"say "hi""}', 'a comma is missing; inside a text, write `"` as `\\"` (line 1, column 12)'),
        ('{"a":"C:\\dir"}', "there is no such escape; write a backslash as `\\\\` (line 1, column 9)"),
        ('{"a":"\\u12"}', "the escape needs four hex digits (line 1, column 8)"),
        ('{"a":"b"', "the body ends before the object does (line 1, column 9)"),
        ('{"a":1,"b":\n', "the body ends before the object does (line 2, column 1)"),
        ('{"a":"b', "the text that begins here does not end (line 1, column 6)"),
        ('{"a":}', "a value is missing (line 1, column 6)"),
        ('{"a" 1}', "a colon is missing after the property (line 1, column 6)"),
        ("{'a':1}", "a property in double quotes is missing (line 1, column 2)"),
        ('{"a":1,}', "a comma stands before the end; leave it out (line 1, column 7)"),
        ('{"a":1 ,\n}', "a comma stands before the end; leave it out (line 1, column 8)"),
        ('{"a":[1,]}', "a comma stands before the end; leave it out (line 1, column 8)"),
        ('{"a":[1,,2]}', "a value is missing (line 1, column 9)"),
        ('{"a":' + "9" * 5000 + "}", "a number has more than 4300 digits"),
        ("[" * 50_000, f"lists and objects are nested more than {MAX_DEPTH} levels deep"),
        ('{"a":' * 17 + "1" + "}" * 17, f"lists and objects are nested more than {MAX_DEPTH} levels deep"),
        ('{"a":' + "[" * 16 + "]" * 16 + "}", f"lists and objects are nested more than {MAX_DEPTH} levels deep"),
    ],
)
def test_the_reason_names_the_place_and_the_remedy(body: str, message: str) -> None:
    with pytest.raises(BodyError) as caught:
        read_object(body.encode())
    assert str(caught.value) == message


@pytest.mark.parametrize(("body", "place"), [(b'{"a":"\xff"}', "line 1, column 7"), (b'{"\xc3\xa9":\n"\xe9"}', "line 2, column 2")])
def test_bytes_that_are_no_utf8_are_named_by_character(body: bytes, place: str) -> None:
    with pytest.raises(BodyError) as caught:
        read_object(body)
    assert str(caught.value) == f"the body is not UTF-8 ({place})"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"a":"\\ud83d\\ude00"}', "😀"),
        ('{"a":"\\\\ud800"}', "\\ud800"),
        ('{"a":["x","y"]}', ["x", "y"]),
        ('{"a":{"b":{}}}', {"b": {}}),
        ('{"a":"10:11:12"}', "10:11:12"),
        ('{"a":null}', None),
        ('{"a":' + "[" * 15 + "]" * 15 + "}", json.loads("[" * 15 + "]" * 15)),
    ],
)
def test_what_is_unusual_and_right_is_read(body: str, value: object) -> None:
    assert read_object(body.encode())["a"] == value


def test_a_report_may_end_with_a_comma() -> None:
    assert read_report(b'{"update":"release-7",\n}\n') == {"update": "release-7"}
    assert read_report(b'{"update":"a,}"}') == {"update": "a,}"}
    with pytest.raises(BodyError):
        read_report(b'{"update":"release-7",,}')


def test_a_wrong_body_of_the_largest_size_is_refused_quickly() -> None:
    """None of the searches for the place goes back and forth."""
    for filling in (b"1." + b"1" * 65_000, b'"' + b"\\ud83d\\ude00" * 5_000 + b'"', b'"' + b"\\\\" * 32_000 + b'"'):
        with pytest.raises(BodyError, match="not finite"):
            read_object(b'{"a":' + filling + b',"b":1e999}')
