"""One check-in: what a device sent, when, and what selection reads from it.

A device is any value that JSON has; what it did not send properly is missing, and nothing here raises because of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from policy_lang.options import Options
from policy_lang.types.decode import is_text


class CheckIn(NamedTuple):
    """What every candidate is asked about.

    Attributes:
        device: what the device sent; empty where that was no object.
        now: the time in UTC, or None.
        roots: the values of the host's own roots.
    """

    device: Mapping[str, Any]
    now: datetime | None
    roots: Mapping[str, Any] | None


def product_of(device: Mapping[str, Any]) -> str | None:
    """The product: `product`, or `productToken` from agents that send that instead; None where it is no text, or empty."""
    raw = raw_product(device)
    return raw if type(raw) is str and raw else None


def raw_product(device: Mapping[str, Any]) -> object:
    """What the device sent for its product, whatever it is."""
    raw = device.get("product")
    return device.get("productToken") if raw is None else raw


def device_id_of(device: Mapping[str, Any], options: Options) -> str | None:
    """The `id` that rollouts and grants go by; None where it is no text, empty, or not usable as text."""
    raw = device.get("id")
    return raw if raw and is_text(raw, options.max_text) else None
