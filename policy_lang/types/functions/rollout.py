"""Gradual rollouts by the published bucket function."""

from decimal import Decimal
from typing import Any

from policy_lang.rollout.bucket import bucket, percent_to_buckets
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import NUMBER, Kind


def _bucket(key: str, salt: str) -> int | None:
    try:
        return bucket(key, salt)
    except ValueError:
        return None


def _buckets(percent: float | Decimal) -> int | None:
    try:
        return percent_to_buckets(percent)
    except ValueError:
        return None


def _rollout(device_id: str, update_id: str, percent: float) -> bool | None:
    """Unknown where the percent is none; nobody at 0, everybody at 100."""
    share, place = _buckets(percent), _bucket(device_id, update_id)
    return None if share is None or place is None else place < share


def _check_percent(percent: Any) -> str | None:
    try:
        percent_to_buckets(percent)
    except ValueError as error:
        return str(error)
    return None


ROLLOUT = Function(
    "rollout",
    Form.FUNCTION,
    (Parameter("percent", NUMBER, check=_check_percent, is_literal=True, hint="write for example `rollout(5)` or `rollout(0.5)`"),),
    Kind.BOOL,
    _rollout,
    "whether the device is in the given percent of the fleet, drawn anew for each update",
    "rollout(100) && !rollout(0)",
    implicit=(("device", "id"), ("update", "id")),
)

ROWS: tuple[Function, ...] = (
    Function(
        "bucket",
        Form.FUNCTION,
        (Parameter("key", Kind.STRING), Parameter("salt", Kind.STRING)),
        Kind.INT,
        _bucket,
        "the place of a key among 1,000,000 equal buckets, 0 to 999,999, the same for ever",
        "bucket('device-1', 'release-7') == 377107",
    ),
    ROLLOUT,
)
