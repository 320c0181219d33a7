import hashlib
import json
import math
import struct
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from policy_lang.rollout.bucket import BUCKETS, bucket, is_device_id, percent_to_buckets

FLEET = 100_000


class Vector(NamedTuple):
    """One published row."""

    key: str
    salt: str
    bucket: int
    note: str


VECTORS = [Vector(**row) for row in json.loads((Path(__file__).parents[1] / "data" / "bucket_vectors.json").read_text("utf-8"))]


def by_hand(key: str, salt: str) -> int:
    """The bucket, computed again by other means: bytes joined by hand, a fraction of the whole, rounded down."""
    digest = hashlib.new("sha256")
    for part in (salt.encode("utf-8"), bytes([31]), key.encode("utf-8")):
        digest.update(part)
    (word,) = struct.unpack_from(">I", digest.digest())
    return math.floor(Fraction(word, 2**32) * 1_000_000)


def inside(salt: str, percent: int) -> set[int]:
    """The numbers of the devices of a fleet that are inside a percent."""
    share = percent_to_buckets(percent)
    return {number for number in range(FLEET) if bucket(f"device-{number}", salt) < share}


def assert_near(count: int, probability: float, sigmas: float) -> None:
    """A count out of the fleet lies within some standard deviations of what the probability lets expect."""
    assert abs(count - FLEET * probability) <= sigmas * math.sqrt(FLEET * probability * (1 - probability))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.note)
def test_published_vector(vector: Vector) -> None:
    assert bucket(vector.key, vector.salt) == vector.bucket == by_hand(vector.key, vector.salt)


def test_vectors_hold_both_ends_and_the_example() -> None:
    places = {(vector.key, vector.salt): vector.bucket for vector in VECTORS}
    assert len(places) == len(VECTORS) >= 40
    assert places["device-1", "release-7"] == 377_107
    assert {0, BUCKETS - 1} <= set(places.values())


@pytest.mark.parametrize(("key", "salt"), [("\ud800", "release-7"), ("device-1", "\udfff")])
def test_a_lone_surrogate_has_no_bucket(key: str, salt: str) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        bucket(key, salt)


@pytest.mark.parametrize(
    ("percent", "buckets"),
    [
        (0, 0),
        (0.0, 0),
        (-0.0, 0),
        (0.1, 1_000),
        (0.0001, 1),
        (0.3, 3_000),
        (0.7, 7_000),
        (1, 10_000),
        (1.1, 11_000),
        (5, 50_000),
        (33.3333, 333_333),
        (57.3, 573_000),
        (99.9999, 999_999),
        (100, 1_000_000),
        (100.0, 1_000_000),
        (Decimal("0.1"), 1_000),
        (Decimal("1E+2"), 1_000_000),
        (Decimal("12.34560000"), 123_456),
    ],
)
def test_percent_is_exact(percent: float | Decimal, buckets: int) -> None:
    assert percent_to_buckets(percent) == buckets


def test_every_percent_of_four_decimals_is_exact_as_a_float() -> None:
    assert all(percent_to_buckets(buckets / 10_000) == buckets for buckets in range(0, BUCKETS + 1, 7))


@pytest.mark.parametrize(
    ("percent", "message"),
    [
        (True, "a percent must be a number, not `true`"),
        (False, "a percent must be a number, not `false`"),
        (-1, "a percent must be from 0 to 100, not `-1`"),
        (-0.0001, "a percent must be from 0 to 100, not `-0.0001`"),
        (101, "a percent must be from 0 to 100, not `101`"),
        (100.0001, "a percent must be from 0 to 100, not `100.0001`"),
        (math.nan, "a percent must be from 0 to 100, not `NaN`"),
        (math.inf, "a percent must be from 0 to 100, not `Infinity`"),
        (-math.inf, "a percent must be from 0 to 100, not `-Infinity`"),
        (Decimal("sNaN"), "a percent must be from 0 to 100, not `sNaN`"),
        (0.00001, "a percent has at most four decimals, not `0.00001`"),
        (12.34567, "a percent has at most four decimals, not `12.34567`"),
        (Decimal("12.3456" + "0" * 40 + "1"), "a percent has at most four decimals, not `12.345600000000000000000…`"),
        (Decimal("1E-999999"), "a percent has at most four decimals, not `1E-999999`"),
    ],
)
def test_percent_out_of_range_is_refused(percent: float | Decimal, message: str) -> None:
    with pytest.raises(ValueError, match="percent") as error:
        percent_to_buckets(percent)
    assert str(error.value) == message


def test_the_decimal_context_of_the_caller_does_not_matter() -> None:
    with localcontext(prec=2):
        assert percent_to_buckets(33.3333) == 333_333


def test_a_message_cuts_a_very_long_number() -> None:
    with pytest.raises(ValueError, match=r"^a percent must be from 0 to 100, not `1{24}…`$"):
        percent_to_buckets((10**5000 - 1) // 9)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("device-1", True), (" ", True), ("\U0001f680", True), ("\x1f", True), ("", False), (None, False), ("a\ud800", False)],
)
def test_is_device_id(text: str | None, *, answer: bool) -> None:
    assert is_device_id(text) is answer


@pytest.mark.parametrize("salt", ["release-7", "release-8"])
@pytest.mark.parametrize("percent", [5, 50])
def test_the_share_of_a_fleet_is_close_to_the_percent(percent: int, salt: str) -> None:
    assert_near(len(inside(salt, percent)), percent / 100, sigmas=4)


def test_another_salt_draws_another_group() -> None:
    assert_near(len(inside("release-7", 5) & inside("release-8", 5)), 0.05 * 0.05, sigmas=4)


@pytest.mark.parametrize(("percent", "count"), [(0, 0), (100, FLEET)])
def test_exactly_nobody_and_exactly_everybody(percent: int, count: int) -> None:
    assert len(inside("release-7", percent)) == count
