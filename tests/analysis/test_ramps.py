from datetime import UTC, datetime, timedelta

from catalog_linting import catalog_of

from policy_lang.analysis.ramps import is_complete_when_published, ramp_end
from policy_lang.rollout.plan import Rollout

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_end_of_a_ramp() -> None:
    assert ramp_end(Rollout(start=DAY, ramp=timedelta(days=2))) == datetime(2026, 5, 3, tzinfo=UTC)
    assert ramp_end(Rollout(start=DAY)) is None
    assert ramp_end(Rollout()) is None


def test_a_ramp_beyond_the_calendar() -> None:
    assert ramp_end(Rollout(start=DAY, ramp=timedelta.max)) == datetime.max.replace(tzinfo=UTC)


def test_a_ramp_that_was_complete_when_the_update_was_published() -> None:
    rollout = {"start": "2026-05-01T00:00:00Z", "ramp": "2d"}
    published = ["2026-05-02T00:00:00Z", "2026-05-03T00:00:00Z"]
    subject = catalog_of({"rollout": rollout}, *({"rollout": rollout, "published": each} for each in published))
    assert [is_complete_when_published(update) for update in subject.catalog] == [False, False, True]
