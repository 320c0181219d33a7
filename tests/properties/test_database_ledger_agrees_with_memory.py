"""The ledger of the service answers as the one in memory does, which is the definition of the promises."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import ENGINES, NOW, SECOND, migrated_url, opened

from policy_lang.rollout.ledger import Limits, MemoryLedger
from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.store.grants import list_grants

DEVICES = st.sampled_from(["", "a", "b", "c", "d", "e", "\0", "\\0", "\\", "\ud800", "ü", "\\#", "x" * 1025, "x" * 1026])
LIMITS = st.builds(
    lambda devices, per_period: Limits(devices, *per_period),
    st.none() | st.integers(0, 5),
    st.just((None, None)) | st.tuples(st.integers(0, 4), st.sampled_from([SECOND, 3 * SECOND, 10 * SECOND, timedelta.max])),
)
CALLS = st.tuples(
    st.sampled_from(["grant", "grant", "peek"]),
    st.integers(0, 1),
    DEVICES,
    LIMITS,
    st.none() | st.integers(-20, 20).map(lambda second: NOW + second * SECOND),
)

_runs = count()


@pytest.fixture(scope="module", params=ENGINES)
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseLedger]:
    """One ledger for all examples; each example has updates of its own."""
    with opened(migrated_url(request.param, Path(tmp_path_factory.mktemp("ledger")))) as database:
        yield DatabaseLedger(database)


@settings(deadline=None, max_examples=60)
@given(st.lists(CALLS, max_size=25))
def test_any_sequence_of_calls_gets_the_same_answers(
    ledger: DatabaseLedger, calls: list[tuple[str, int, str, Limits, object]]
) -> None:
    """Grants and peeks for two updates, with limits that change and clocks that go back, by times or without."""
    run, memory = next(_runs), MemoryLedger()
    for act, number, *arguments in calls:
        update_id = f"{run}-{number}"
        assert getattr(ledger, act)(update_id, *arguments) is getattr(memory, act)(update_id, *arguments)
    for number in (0, 1):
        assert ledger.granted(f"{run}-{number}") == memory.granted(f"{run}-{number}")


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | st.integers(-20, 20)), max_size=15))
def test_grants_are_recorded_at_the_same_times(ledger: DatabaseLedger, requests: list[tuple[str, int | None]]) -> None:
    """What is kept for each device is the same time, so that later answers are the same too."""
    update_id, memory = f"times-{next(_runs)}", MemoryLedger()
    for device, second in requests:
        now = None if second is None else NOW + second * SECOND
        ledger.grant(update_id, device, Limits(), now)
        memory.grant(update_id, device, Limits(), now)
    with ledger.database.reading() as connection:
        kept = {each.device_id: each.recorded_at.isoformat().replace("+00:00", "Z") for each in list_grants(connection, update_id)}
    assert kept == memory.to_plain()["grants"].get(update_id, {})
