"""The library inside a cloud function: a device checks in, and gets the update that is meant for it, or nothing.

python examples/embed.py
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from policy_lang import Catalog, Selector

SELECTOR = Selector(Catalog.load(Path(__file__).with_name("catalog.yaml")))


def check_in(device: Mapping[str, Any], now: datetime) -> Mapping[str, str] | None:
    """What is sent to the device: `url`, `checksum`, `update` and `version`, or None where there is nothing for it."""
    return SELECTOR.select(device, now).offer


if __name__ == "__main__":
    sent = {"id": "ATL-7F3K-0001", "product": "atlas", "version": "2.2.1", "region": "eu-west"}
    print(check_in(sent, datetime(2026, 5, 12, 9, tzinfo=UTC)))
