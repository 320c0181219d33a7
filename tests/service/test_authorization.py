from dataclasses import replace
from hashlib import sha256

import pytest
from service_world import WORDS
from stores import HOUR, NOW

from policy_lang.service import authorization
from policy_lang.service.authorization import Identity, identify, refusal, secret_of

SECRET = b"0123456789abcdef"
DIGEST = sha256(SECRET).hexdigest()
IDENTITY = Identity("t1", "atlas", "device", DIGEST)
TOKENS = {DIGEST: IDENTITY}


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (b"0123456789abcdef", SECRET),
        (b" 0123456789abcdef ", SECRET),
        (b"bearer 0123456789abcdef", SECRET),
        (b"Bearer  0123456789abcdef", SECRET),
        (b"BEARER 0123456789abcdef", SECRET),
        (b"bearer0123", b"bearer0123"),
        (b"Basic abc", b"Basic abc"),
        (b"", None),
        (b"bearer ", b"bearer"),
        (b"x" * 1025, None),
    ],
)
def test_the_secret_stands_alone_or_after_bearer(value: bytes, secret: bytes | None) -> None:
    assert secret_of([(b"host", b"x"), (b"authorization", value)]) == secret


def test_none_and_two_headers_are_no_secret() -> None:
    assert secret_of([(b"host", b"x")]) is None
    assert secret_of([(b"authorization", SECRET), (b"authorization", SECRET)]) is None


def test_a_secret_is_known_until_it_expires() -> None:
    tokens = {DIGEST: replace(IDENTITY, expires=NOW + HOUR)}
    assert identify(SECRET, tokens, NOW) == tokens[DIGEST]
    assert identify(SECRET, tokens, NOW + HOUR) is None
    assert identify(SECRET, TOKENS, NOW + HOUR) is IDENTITY


@pytest.mark.parametrize("secret", [None, b"", b"0123456789abcdeF", SECRET + b"0", DIGEST.encode()])
def test_everything_else_is_nobody(secret: bytes | None) -> None:
    assert identify(secret, TOKENS, NOW) is None


def test_nothing_is_the_secret_of_nobody_even_if_its_digest_is_there() -> None:
    empty = sha256(b"").hexdigest()
    assert identify(None, {empty: replace(IDENTITY, digest=empty)}, NOW) is None


def test_digests_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(authorization, "compare_digest", compare)
    assert identify(SECRET, TOKENS, NOW) is IDENTITY
    assert compared == [(DIGEST, DIGEST)]


def test_a_refusal_has_no_word_that_drops_a_registration_unless_it_is_asked_for() -> None:
    assert not any(word.encode() in refusal(drops_registrations=False).body() for word in WORDS)
    assert refusal(drops_registrations=True).body() == b"Authentication failed"
