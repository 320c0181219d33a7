import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.agent.failures import AnswerError
from policy_lang.agent.offer import read_offer

GOOD = {"url": "https://e.com/2.bin?signature=sesame", "checksum": "ab" * 32, "update": "release-2", "version": "2.0.0"}


def body(**changes: Any) -> bytes:
    """An answer with some fields changed; None leaves a field out."""
    return json.dumps({name: value for name, value in {**GOOD, **changes}.items() if value is not None}).encode()


def test_an_offer() -> None:
    offer = read_offer(body())
    assert offer is not None
    assert (offer.url, offer.checksum, offer.update, str(offer.version)) == tuple(GOOD.values())
    assert "sesame" not in repr(offer)


@pytest.mark.parametrize("nothing", [b"{}", b" { } \n"])
def test_nothing_is_offered(nothing: bytes) -> None:
    assert read_offer(nothing) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "the answer is not JSON"),
        (b"null", "the answer is null, not an object"),
        (b"[]", "the answer is a list, not an object"),
        (b"{}{}", "the answer is not JSON"),
        (b"\xff{}", "the answer is not JSON"),
        (b"[" * 100_000, "the answer is not JSON"),
        (b"<html>", "the answer is not JSON"),
        (b'{"url": NaN}', "it has `NaN`"),
        (b'{"url": "https://e.com", "url": "https://f.com"}', "has a field twice"),
        (body(url=None), "lacks `url`"),
        (body(checksum=None, update=None), "lacks `checksum`, `update`"),
        (body(signature="x"), "unknown field `signature`"),
        (body(version=2), "`version` in the answer is the number `2`, not text"),
        (body(version="2.0"), "`2.0` is not a semantic version"),
        (body(checksum="AB" * 32), "is not a SHA-256 in lower-case hex"),
        (body(checksum="ab" * 31), "is not a SHA-256 in lower-case hex"),
        (body(checksum="ab" * 32 + "\n"), "is not a SHA-256 in lower-case hex"),
        (body(url="http://e.com/2.bin"), "it is not https: `http://e.com`"),
        (body(url="http://127.0.0.1/2.bin"), "it is not https"),
        (body(url="file:///etc/passwd"), "it is not https"),
        (body(url="https:///2.bin"), "it has no host"),
        (body(url="https://e.com:0/2.bin"), "it has no host"),
        (body(url="https://e.com:x/2.bin"), "it is not a URL"),
        (body(url="https://user:pass@e.com/2.bin"), "user information"),
        (body(url="https://e.com/a b"), "it has the character ` `"),
        (body(url="https://e.com/" + "a" * 9000), "longer than 8192"),
        (body(update=""), "is not an id"),
        (body(update="a\nb"), "is not an id"),
        (body(update="a\0b"), "is not an id"),
        (body(update="a" * 2000), "is not an id"),
    ],
)
def test_anything_else_is_refused(answer: bytes, reason: str) -> None:
    with pytest.raises(AnswerError, match="answer") as caught:
        read_offer(answer)
    assert reason in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_loopback_is_allowed_for_tests_only() -> None:
    plain = body(url="http://127.0.0.1:8080/2.bin")
    assert read_offer(plain, allows_loopback=True) is not None
    with pytest.raises(AnswerError):
        read_offer(plain)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner)
       | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner)).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_are_an_answer_or_refused(answer: bytes) -> None:
    try:
        found = read_offer(answer)
    except AnswerError:
        return
    assert found is None or found.url.startswith("https://")
