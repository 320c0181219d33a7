"""The published rollout bucket: a stable place for each device, shuffled anew by each update.

A share of the fleet is a number of millionths. A device is inside a share when its bucket is below it, so a share that grows only
ever adds devices, a share of 0 holds nobody and a share of 1,000,000 holds everybody. The buckets never change between releases,
languages or machines; `tests/data/bucket_vectors.json` lets other implementations prove that they agree.
"""

from decimal import Context, Decimal, InvalidOperation
from hashlib import sha256
from typing import Final, TypeGuard

BUCKETS: Final = 1_000_000
"""The number of buckets; a share of the fleet is counted in these."""

_STEP = Decimal("0.0001")
_CONTEXT = Context(prec=28, traps=[InvalidOperation])
_LONGEST_SHOWN = 24


def bucket(key: str, salt: str) -> int:
    """Place a key in one of 1,000,000 equal buckets, the same one for ever.

    Args:
        key: what is placed, usually `device.id`; hashed as UTF-8.
        salt: what shuffles the buckets, usually `update.id`.

    Returns:
        An integer from 0 to 999,999, in millionths of the fleet.

    Raises:
        ValueError: if either text cannot be encoded as UTF-8 (evaluation makes that unknown).

    Source: docs/spec.md, "Rollout bucket".

    >>> bucket("device-1", "release-7")
    377107
    """
    digest = sha256(f"{salt}\x1f{key}".encode()).digest()
    return int.from_bytes(digest[:4], "big") * BUCKETS >> 32


def percent_to_buckets(percent: float | Decimal) -> int:
    """Turn a percent into the number of buckets that it covers, exactly.

    Args:
        percent: from 0 to 100, with at most four decimals; a float means its shortest decimal text, so `0.1` is a tenth.

    Returns:
        An integer from 0 to 1,000,000: the percent times 10,000.

    Raises:
        ValueError: if the percent is not a number, is outside 0 to 100, or has more than four decimals.

    Source: docs/spec.md, "Rollout bucket".

    >>> percent_to_buckets(0.1), percent_to_buckets(100)
    (1000, 1000000)
    """
    if isinstance(percent, bool):
        raise ValueError(f"a percent must be a number, not `{str(percent).lower()}`")  # noqa: TRY004  a value of the catalog
    number = Decimal(str(percent)) if isinstance(percent, float) else Decimal(percent)
    if not number.is_finite() or not 0 <= number <= 100:  # noqa: PLR2004  the definition of a percent
        raise ValueError(f"a percent must be from 0 to 100, not `{_shown(number)}`")
    # INVARIANT: the comparison of decimals is exact, so a digit beyond the fourth decimal cannot hide.
    rounded = number.quantize(_STEP, context=_CONTEXT)
    if rounded != number:
        raise ValueError(f"a percent has at most four decimals, not `{_shown(number)}`")
    return int(rounded.scaleb(4, _CONTEXT))


def is_device_id(text: str | None) -> TypeGuard[str]:
    """Whether a text can name a device in a rollout: present, not empty, and encodable as UTF-8.

    >>> is_device_id("device-1"), is_device_id(""), is_device_id(None)
    (True, False, False)
    """
    if not text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(number: Decimal) -> str:
    """The text of a number for a message, cut where it is very long."""
    text = str(number)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
