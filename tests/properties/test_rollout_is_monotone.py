from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.rollout.bucket import BUCKETS, bucket, percent_to_buckets
from policy_lang.rollout.plan import Rollout

START = datetime(2026, 5, 1, tzinfo=UTC)
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
SALTS = st.text(st.characters(exclude_categories=["Cs"]))
SHARES = st.integers(0, BUCKETS)
RAMPS = st.timedeltas(timedelta(microseconds=1), timedelta(days=4000))
RAMP_PLANS = st.builds(lambda buckets, ramp: Rollout(buckets=buckets, ramp=ramp, start=START), SHARES, RAMPS)
ELAPSED = st.timedeltas(timedelta(days=-4000), timedelta(days=8000))


@settings(deadline=None)
@given(IDS, SALTS, SHARES, SHARES)
def test_a_larger_percent_keeps_every_device(device: str, salt: str, one: int, other: int) -> None:
    """A device that is inside a percent is inside every larger percent."""
    small, large = sorted((one, other))
    admitted = [Rollout(buckets=share, has_percent=True).admits(device, salt, None) for share in (small, large)]
    assert admitted in ([False, False], [False, True], [True, True])


@settings(deadline=None)
@given(IDS, SALTS, RAMP_PLANS, ELAPSED, ELAPSED)
def test_a_later_time_keeps_every_device(device: str, salt: str, plan: Rollout, one: timedelta, other: timedelta) -> None:
    """A device that a ramp admits is admitted at every later time."""
    admitted = [plan.admits(device, salt, START + elapsed) for elapsed in sorted((one, other))]
    assert admitted in ([False, False], [False, True], [True, True])


@settings(deadline=None)
@given(SHARES, SHARES, RAMPS, ELAPSED)
def test_a_larger_percent_has_the_larger_share_all_along_a_ramp(one: int, other: int, ramp: timedelta, elapsed: timedelta) -> None:
    """At every time, a ramp to a larger percent has at least the share of one to a smaller percent, and never more than its own."""
    small, large = sorted((one, other))
    lower, upper = (Rollout(buckets=share, ramp=ramp, start=START).share(START + elapsed) for share in (small, large))
    assert lower is not None
    assert upper is not None
    assert 0 <= lower <= upper <= large


@settings(deadline=None)
@given(IDS, SALTS)
def test_nobody_at_0_and_everybody_at_100(device: str, salt: str) -> None:
    """At 0 percent nobody is admitted, at 100 percent everybody with an id."""
    assert Rollout(buckets=percent_to_buckets(0), has_percent=True).admits(device, salt, None) is False
    assert Rollout(buckets=percent_to_buckets(100), has_percent=True).admits(device, salt, None) is True


@settings(deadline=None)
@given(IDS, SALTS, RAMPS, ELAPSED)
def test_a_ramp_starts_with_nobody_and_ends_with_everybody(device: str, salt: str, ramp: timedelta, elapsed: timedelta) -> None:
    """Up to its start a ramp to 100 percent admits nobody, and from its end on everybody with an id."""
    plan = Rollout(ramp=ramp, start=START)
    assert plan.admits(device, salt, START - abs(elapsed)) is False
    assert plan.admits(device, salt, START + ramp + abs(elapsed)) is True


@settings(deadline=None)
@given(SALTS, SALTS)
def test_a_bucket_is_always_in_range(key: str, salt: str) -> None:
    """Every key has a bucket from 0 to 999,999."""
    assert 0 <= bucket(key, salt) < BUCKETS


@settings(deadline=None)
@given(st.decimals(0, 100, places=4), st.decimals(0, 100, places=4))
def test_percents_keep_their_order(one: Decimal, other: Decimal) -> None:
    """Percents with four decimals become buckets one to one, in the same order, also when they are written as floats."""
    assert (one < other) == (percent_to_buckets(one) < percent_to_buckets(other))
    assert percent_to_buckets(float(one)) == percent_to_buckets(one)
