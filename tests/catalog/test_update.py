from datetime import UTC, datetime, timedelta

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Rollout
from policy_lang.versions.version import Version

CHECKSUM = "00" * 32
URL = "https://example.com/7.bin"


def update(
    rollout: Rollout | None = None, *, policy: str = "device.version < update.version", channel: str | None = None
) -> Update:
    return Update(
        id="release-7",
        product="thermostat",
        version=Version.parse("2.0.0+linux"),
        policy=compile_policy(policy),
        url=URL,
        checksum=CHECKSUM,
        channel=channel,
        published=datetime(2026, 5, 1, tzinfo=UTC),
        rollout=rollout or Rollout(),
    )


FULL = Rollout(
    buckets=1_234,
    ramp=timedelta(days=4),
    start=datetime(2026, 5, 1, tzinfo=UTC),
    end=datetime(2026, 6, 1, tzinfo=UTC),
    max_devices=10,
    pause_on_failures=3,
    max_per_period=2,
    period=timedelta(hours=1),
)


def test_the_facts_are_what_policies_see() -> None:
    assert update(channel="beta").facts == {
        "id": "release-7",
        "product": "thermostat",
        "version": "2.0.0+linux",
        "url": URL,
        "checksum": CHECKSUM,
        "channel": "beta",
        "published": "2026-05-01T00:00:00Z",
    }


def test_what_an_update_does_not_say_is_missing() -> None:
    assert "channel" not in update().facts
    assert update(policy="update.channel == 'beta'").bound.evaluate({}) is None


def test_the_facts_are_read_only() -> None:
    with pytest.raises(TypeError):
        update().facts["id"] = "other"  # type: ignore[index]


@pytest.mark.parametrize("version", ["1.9.0", "1.10.0", "2.0.0", "2.1.0", None])
def test_the_bound_policy_needs_the_device_only(version: str | None) -> None:
    one = update()
    device = {"version": version}
    assert one.bound.evaluate(device) is one.policy.evaluate(device, one.facts)


def test_updates_are_the_same_only_if_they_are_one() -> None:
    one, other = update(), update()
    assert one == one  # noqa: PLR0124  that is what is tested
    assert one != other
    assert len({one, other}) == 2


def test_a_plain_update_says_what_the_catalog_said() -> None:
    assert update().to_plain() == {
        "id": "release-7",
        "product": "thermostat",
        "version": "2.0.0+linux",
        "url": URL,
        "checksum": CHECKSUM,
        "published": "2026-05-01T00:00:00Z",
        "policy": "device.version < update.version",
        "paused": False,
        "downgrade": "deny",
    }


def test_a_plain_rollout_says_what_the_catalog_said() -> None:
    assert update(FULL).to_plain()["rollout"] == {
        "percent": 0.1234,
        "ramp": "P4D",
        "start": "2026-05-01T00:00:00Z",
        "end": "2026-06-01T00:00:00Z",
        "max_devices": 10,
        "pause_on_failures": 3,
        "max_per_period": 2,
        "period": "PT3600S",
    }


@pytest.mark.parametrize("rollout", [Rollout(), FULL, Rollout(buckets=0), Rollout(buckets=50_000), Rollout(max_devices=0)])
def test_a_plain_update_can_be_loaded_again(rollout: Rollout) -> None:
    plain = update(rollout, channel="beta").to_plain()
    (again,) = Catalog.load({"updates": [plain]})
    assert again.rollout == rollout
    assert again.to_plain() == plain
