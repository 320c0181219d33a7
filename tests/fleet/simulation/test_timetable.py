from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from policy_lang.fleet.simulation.timetable import DAY, Timetable, mix, place_of, to_microseconds, to_moment

START = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
_PLACES = st.integers(0, 2**64 - 1)


@given(_PLACES, st.integers(0, 99), st.sampled_from([1, 2, 24, 1440]))
def test_check_ins_ascend_and_are_even(place: int, seed: int, checkins: int) -> None:
    table = Timetable(START, 3, checkins, seed)
    times = [table.time(place, number) for number in range(-1, 3 * checkins + 1)]
    for before, after in pairwise(times):
        assert after - before > 0
        assert abs(after - before - DAY // checkins) <= DAY // checkins // 4


@given(_PLACES, st.sampled_from([1, 3, 96]), st.integers(0, 3 * DAY))
def test_the_first_check_in_is_the_first(place: int, checkins: int, offset: int) -> None:
    table = Timetable(START, 3, checkins, 1)
    moment = table.start + offset
    number = table.first(place, moment)
    assert table.time(place, number - 1) < moment <= table.time(place, number)


def test_the_time_of_the_day_is_a_devices_own() -> None:
    table = Timetable(START, 30, 1, 1)
    place = place_of("device-1")
    hours = {to_moment(table.time(place, number)).hour for number in range(30)}
    assert len(hours) <= 2
    assert len({to_moment(table.time(place_of(f"d{at}"), 0)).hour for at in range(300)}) == 24


def test_hashes_stay_as_they_are() -> None:
    assert place_of("device-1") == 0x3204DE92E11FC8C
    assert mix(1, 2, 3) == 0xD8103F51C98ABB52
    assert place_of("\ud800") != place_of("")
    assert to_moment(to_microseconds(START)) == START
