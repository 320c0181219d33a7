import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from threading import Barrier

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.rollout.ledger import Grant, Limits, MemoryLedger

EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
THREADS = 16

SECONDS = st.integers(0, 40)
REQUESTS = st.lists(st.tuples(st.integers(0, 30).map(str), SECONDS), max_size=60)
LIMITS = st.builds(
    lambda devices, per_period, period: Limits(devices, per_period, period * SECOND),
    st.none() | st.integers(0, 12),
    st.integers(0, 5),
    st.integers(1, 15),
)


def entries(end: int, times: list[int], period: timedelta) -> int:
    """The entries of the window `(end - period, end]`."""
    return sum(end * SECOND - period < at * SECOND <= end * SECOND for at in times)


def fullest(times: list[int], period: timedelta) -> int:
    """The most entries of any window; a fullest window can always be moved to end at an entry."""
    return max((entries(end, times, period) for end in times), default=0)


def fullest_around(at: int, times: list[int], period: timedelta) -> int:
    """The most entries of any window that holds an entry."""
    return max(entries(end, times, period) for end in times if at * SECOND <= end * SECOND < at * SECOND + period)


def granted(ledger: MemoryLedger, limits: Limits, requests: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The requests that got a new grant, in the order of arrival."""
    return [
        (device, second)
        for device, second in requests
        if ledger.grant("release-7", device, limits, EPOCH + second * SECOND) is Grant.NEW
    ]


@contextmanager
def eager_switching() -> Iterator[None]:
    """Let threads take turns as often as possible."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def in_threads(ledger: MemoryLedger, limits: Limits, devices: int) -> list[tuple[str, int]]:
    """The new grants when all threads ask at once, each for every device twice, by a clock of its own."""
    together = Barrier(THREADS)

    def work(thread: int) -> list[tuple[str, int]]:
        together.wait()
        order = [(index * 7 + thread * 11) % devices for index in range(devices)]
        return granted(ledger, limits, [(str(number), (number + thread) % 50) for number in order + order])

    with eager_switching(), ThreadPoolExecutor(THREADS) as pool:
        return [grant for grants in pool.map(work, range(THREADS)) for grant in grants]


@settings(deadline=None)
@given(LIMITS, REQUESTS)
def test_no_limit_is_exceeded(limits: Limits, requests: list[tuple[str, int]]) -> None:
    """Whatever the order of times and the retries, no window holds more new grants than the limit, and no update more devices."""
    grants = granted(MemoryLedger(), limits, requests)
    assert limits.max_per_period is not None
    assert limits.period is not None
    assert fullest([second for _, second in grants], limits.period) <= limits.max_per_period
    assert limits.max_devices is None or len(grants) <= limits.max_devices


@settings(deadline=None)
@given(LIMITS, REQUESTS)
def test_no_window_is_exceeded_by_the_order_of_arrival(limits: Limits, requests: list[tuple[str, int]]) -> None:
    """A grant by a clock that is behind counts at the latest time that the ledger has seen."""
    grants = granted(MemoryLedger(), limits, requests)
    assert limits.max_per_period is not None
    assert limits.period is not None
    assert fullest(list(accumulate((second for _, second in grants), max)), limits.period) <= limits.max_per_period


@settings(deadline=None)
@given(st.lists(st.tuples(LIMITS, SECONDS), max_size=60))
def test_limits_that_change_hold_for_each_new_grant(requests: list[tuple[Limits, int]]) -> None:
    """When limits change from call to call, no window around a new grant exceeds the limit of its call, by either order."""
    ledger, times = MemoryLedger(), list[int]()
    for number, (limits, second) in enumerate(requests):
        if ledger.grant("release-7", str(number), limits, EPOCH + second * SECOND) is Grant.NEW:
            times.append(second)
            arrival = list(accumulate(times, max))
            assert limits.max_per_period is not None
            assert limits.period is not None
            assert fullest_around(second, times, limits.period) <= limits.max_per_period
            assert entries(arrival[-1], arrival, limits.period) <= limits.max_per_period


@settings(deadline=None)
@given(LIMITS, REQUESTS)
def test_in_order_of_time_nothing_is_refused_without_need(limits: Limits, requests: list[tuple[str, int]]) -> None:
    """While times are in order, a device is refused only when one more grant would exceed a limit."""
    ledger, times = MemoryLedger(), list[int]()
    assert limits.max_per_period is not None
    assert limits.period is not None
    for device, second in sorted(requests, key=lambda request: request[1]):
        answer = ledger.grant("release-7", device, limits, EPOCH + second * SECOND)
        if answer is Grant.MAX_DEVICES:
            assert len(times) == limits.max_devices
        elif answer is Grant.MAX_PER_PERIOD:
            assert fullest([*times, second], limits.period) > limits.max_per_period
        elif answer is Grant.NEW:
            times.append(second)


@settings(deadline=None)
@given(LIMITS, REQUESTS, SECONDS)
def test_a_retry_is_free(limits: Limits, requests: list[tuple[str, int]], later: int) -> None:
    """A device that was granted an update keeps it at every time and under every limit, and the count does not change."""
    ledger = MemoryLedger()
    devices = {device for device, _ in granted(ledger, limits, requests)}
    before = ledger.to_plain()
    for device in devices:
        for strict in (limits, Limits(max_devices=0), Limits(max_per_period=0, period=SECOND)):
            assert ledger.grant("release-7", device, strict, EPOCH + later * SECOND) is Grant.HELD
            assert ledger.grant("release-7", device, strict, None) is Grant.HELD
    assert ledger.to_plain() == before
    assert ledger.granted("release-7") == len(devices)


@settings(deadline=None)
@given(LIMITS, REQUESTS, st.integers(0, 30).map(str), st.none() | SECONDS)
def test_peek_tells_what_grant_answers(limits: Limits, requests: list[tuple[str, int]], device: str, second: int | None) -> None:
    """A peek changes nothing and agrees with the grant that follows."""
    ledger = MemoryLedger()
    granted(ledger, limits, requests)
    now = None if second is None else EPOCH + second * SECOND
    before = ledger.to_plain()
    answer = ledger.peek("release-7", device, limits, now)
    assert ledger.to_plain() == before
    assert ledger.grant("release-7", device, limits, now) is answer


@settings(deadline=None)
@given(LIMITS, REQUESTS, REQUESTS)
def test_a_restored_ledger_continues(limits: Limits, before: list[tuple[str, int]], after: list[tuple[str, int]]) -> None:
    """A ledger that was written as plain data and read again gives the same answers as the one that went on."""
    ledger = MemoryLedger()
    granted(ledger, limits, before)
    again = MemoryLedger.from_plain(ledger.to_plain())
    assert granted(again, limits, after) == granted(ledger, limits, after)
    assert again.to_plain() == ledger.to_plain()


def test_16_threads_never_exceed_max_devices() -> None:
    """Threads that ask at once share a limit on devices to the last grant, and no device is counted twice."""
    ledger = MemoryLedger()
    grants = in_threads(ledger, Limits(max_devices=100), devices=300)
    assert len(grants) == len({device for device, _ in grants}) == ledger.granted("release-7") == 100


def test_16_threads_never_exceed_a_limit_per_period() -> None:
    """Threads that ask at once, by clocks that differ, never fill a window above its limit."""
    ledger, limits = MemoryLedger(), Limits(max_per_period=7, period=10 * SECOND)
    grants = in_threads(ledger, limits, devices=300)
    assert len(grants) == len({device for device, _ in grants}) == ledger.granted("release-7") >= 7
    assert fullest([second for _, second in grants], 10 * SECOND) <= 7


def test_16_threads_grant_each_device_once() -> None:
    """Without a limit every device gets exactly one new grant, however many threads ask for it."""
    grants = in_threads(MemoryLedger(), Limits(), devices=300)
    assert sorted(device for device, _ in grants) == sorted(str(number) for number in range(300))
