"""The `rollout` of an update: its fields, and which of them need each other."""

from policy_lang.catalog.fields import WrongValue, read_count, read_length, read_moment, read_percent
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.catalog.update import EVERYBODY
from policy_lang.rollout.bucket import BUCKETS
from policy_lang.rollout.plan import Rollout

_FIELDS = ("percent", "ramp", "start", "end", "max_devices", "max_per_period", "period", "pause_on_failures")
_PAIRS = (
    ("ramp", "start", "add the time when the ramp begins"),
    ("max_per_period", "period", "add the length of the period, for example `1d`"),
    ("period", "max_per_period", "add how many devices a period may have"),
)


def read_rollout(record: Record, findings: Findings) -> Rollout:
    """The rollout of an update; everybody where it has none, or where there is a finding."""
    fields = record.object("rollout", _FIELDS)
    if fields is None:
        return EVERYBODY
    buckets = fields.optional("percent", read_percent, BUCKETS)
    ramp = fields.optional("ramp", read_length, None)
    start = fields.optional("start", read_moment, None)
    end = fields.optional("end", read_moment, None)
    max_devices = fields.optional("max_devices", read_count, None)
    max_per_period = fields.optional("max_per_period", read_count, None)
    period = fields.optional("period", read_length, None)
    pause_on_failures = fields.optional("pause_on_failures", read_count, None)
    _check_pairs(fields)
    if start is not None and end is not None and end <= start:
        path = (*fields.path, "end")
        findings.add(
            "PL510", "`end` is not after `start`", path, remedy="the end is excluded", first=((*fields.path, "start"), "`start`")
        )
    if not fields.is_sound:
        return EVERYBODY
    return Rollout(
        buckets=buckets,
        ramp=ramp,
        start=start,
        end=end,
        max_devices=max_devices,
        max_per_period=max_per_period,
        period=period,
        pause_on_failures=pause_on_failures,
    )


def _check_pairs(fields: Record) -> None:
    """Refuse a field without the one that it needs; without it the field would mean nothing."""
    for name, needed, remedy in _PAIRS:
        if name in fields and needed not in fields:
            fields.refuse(name, WrongValue("PL507", f"needs `{needed}`", remedy))
