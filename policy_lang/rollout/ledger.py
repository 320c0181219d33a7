"""The ledger: which device was granted which update, and the limits that no grant may pass.

A grant is made once for a device and an update. The device keeps it, and asking again is free, so a retry never uses up a limit.

`max_per_period` limits the new grants in every window `(t - period, t]`, wherever it lies. That is stricter than counting per
calendar day, where twice the limit fits around midnight. Clocks of different processes disagree, so times may arrive out of order.
Two rules keep the promise by any of these clocks:

* A grant is recorded at its own time or at the latest recorded one, whichever is later; so the record never goes back.
* A new grant counts every grant recorded after `now - period`, those recorded after `now` included.

By the order of arrival: the record is sorted, and a grant joins it only when the window that ends there has room. By the times that
the callers stated: each lies at or before its recorded time, and every window that holds `now` starts at `now - period` or later,
so the second rule counts all that such a window can hold. The price is that a clock which runs ahead may hold back the grants of
the others until they catch up: too few grants, never too many.

Because the record is sorted, "at most n after `now - period`" is one look at the n-th latest entry: the work does not grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from threading import Lock
from typing import Protocol

from policy_lang.rollout.bucket import is_device_id
from policy_lang.rollout.plan import Rollout, check_limits, in_utc

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class Grant(Enum):
    """The answer of a ledger: granted, or the reason why not."""

    NEW = "new"
    HELD = "held"
    MAX_DEVICES = "max devices"
    MAX_PER_PERIOD = "max per period"
    NO_TIME = "no time"
    NO_ID = "no id"

    @property
    def admits(self) -> bool:
        """Whether the device may have the update: newly granted, or granted earlier and not counted again."""
        return self in {Grant.NEW, Grant.HELD}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many grants an update may have; None means no limit.

    Attributes:
        max_devices: the grants in all.
        max_per_period: the new grants in any window as long as `period`.
        period: the length of that window; given exactly when `max_per_period` is.

    Raises:
        ValueError: if a limit is negative, or `max_per_period` and `period` do not fit together.
    """

    max_devices: int | None = None
    max_per_period: int | None = None
    period: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse limits that make no sense together."""
        check_limits(self.max_devices, self.max_per_period, self.period)

    @classmethod
    def of(cls, rollout: Rollout) -> "Limits":
        """The limits of a rollout."""
        return cls(rollout.max_devices, rollout.max_per_period, rollout.period)


class Ledger(Protocol):
    """Where grants are counted; every implementation keeps the promises of this module's text."""

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """Grant an update to a device, or say why not, in one indivisible step.

        Args:
            update_id: `update.id`.
            device_id: `device.id`; an empty text, or one that UTF-8 cannot encode, is `NO_ID`.
            limits: what the grants of this update may not pass.
            now: the time, with a zone; a limit per period refuses a new grant without it.

        Returns:
            `HELD` if the device already has a grant of the update, whatever the limits are now; `NEW` if one was recorded; and
            otherwise the limit that is reached, or what is missing.

        Raises:
            ValueError: if `now` has no zone.
        """
        ...

    def peek(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What `grant` would answer, recording nothing; for explanations and traces."""
        ...


@dataclass(slots=True)
class _Account:
    """The grants of one update."""

    devices: dict[str, datetime] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)

    def answer(self, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What a request gets, recording nothing."""
        if not is_device_id(device_id):
            return Grant.NO_ID
        if device_id in self.devices:
            return Grant.HELD
        if limits.max_devices is not None and len(self.devices) >= limits.max_devices:
            return Grant.MAX_DEVICES
        if limits.max_per_period is None or limits.period is None:
            return Grant.NEW
        if now is None:
            return Grant.NO_TIME
        return Grant.NEW if self._has_room(limits.max_per_period, limits.period, now) else Grant.MAX_PER_PERIOD

    def record(self, device_id: str, now: datetime | None) -> None:
        """Keep a grant, never before the latest one; a grant without a time is made with the latest one."""
        # INVARIANT: `times` is sorted and holds one entry for each device.
        latest = self.times[-1] if self.times else _BEFORE_ALL
        recorded = latest if now is None else max(latest, now)
        self.times.append(recorded)
        self.devices[device_id] = recorded

    def _has_room(self, most: int, period: timedelta, now: datetime) -> bool:
        """Whether fewer than `most` grants were recorded after `now - period`."""
        if len(self.times) < most:
            return True
        return most > 0 and now - self.times[-most] >= period


class MemoryLedger:
    """A ledger in memory, safe for threads; the work of a call does not depend on the number of grants.

    The limits are arguments of each call, so a limit that is changed holds from the next call on, for the earlier grants too.
    A grant without a time, possible where there is no limit per period, is recorded with the latest grant before it.

    >>> ledger, one = MemoryLedger(), Limits(max_devices=1)
    >>> [ledger.grant("release-7", device, one, None).name for device in ("a", "a", "b")]
    ['NEW', 'HELD', 'MAX_DEVICES']
    """

    def __init__(self) -> None:
        """Start without grants."""
        self._accounts: dict[str, _Account] = {}
        self._lock = Lock()

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """Grant an update to a device, or say why not; see `Ledger.grant`."""
        moment = None if now is None else in_utc(now, "now")
        with self._lock:
            account = self._accounts.get(update_id) or _Account()
            answer = account.answer(device_id, limits, moment)
            if answer is Grant.NEW:
                account.record(device_id, moment)
                self._accounts[update_id] = account
        return answer

    def peek(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What `grant` would answer, recording nothing."""
        moment = None if now is None else in_utc(now, "now")
        with self._lock:
            account = self._accounts.get(update_id) or _Account()
            return account.answer(device_id, limits, moment)

    def granted(self, update_id: str) -> int:
        """How many devices were granted an update."""
        with self._lock:
            account = self._accounts.get(update_id)
            return 0 if account is None else len(account.devices)

    def to_plain(self) -> dict[str, dict[str, dict[str, str]]]:
        """All grants as plain data for a file: `{"grants": {update id: {device id: RFC 3339 time in UTC}}}`."""
        with self._lock:
            return {"grants": {update_id: _plain(account) for update_id, account in self._accounts.items()}}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> "MemoryLedger":
        """A ledger with the grants that `to_plain` gave.

        Raises:
            ValueError: if the data has another shape; then no part of it is used.
        """
        fields = dict(_entries(plain, "a ledger"))
        if set(fields) != {"grants"}:
            raise ValueError("a ledger has the field `grants` and no other")
        ledger = cls()
        for update_id, grants in _entries(fields["grants"], "`grants`"):
            devices = {device_id: _time(device_id, text) for device_id, text in _entries(grants, f"the grants of `{update_id}`")}
            ledger._accounts[update_id] = _Account(devices, sorted(devices.values()))
        return ledger


def _plain(account: _Account) -> dict[str, str]:
    """The grants of one update as plain data."""
    return {device_id: at.isoformat().replace("+00:00", "Z") for device_id, at in account.devices.items()}


def _entries(value: object, name: str) -> list[tuple[str, object]]:
    """The entries of an object from a file, each under an id."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be an object")  # noqa: TRY004  a value of a file
    if not all(isinstance(key, str) and is_device_id(key) for key in value):
        raise ValueError(f"{name} must have an id for each entry")
    return list(value.items())


def _time(device_id: str, value: object) -> datetime:
    """The time of a grant from a file, in UTC."""
    try:
        return in_utc(datetime.fromisoformat(value if isinstance(value, str) else ""), "time")
    except ValueError:
        raise ValueError(f"the grant of `{device_id}` needs an RFC 3339 time with a zone") from None
