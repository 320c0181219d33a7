"""The reasons of a decision and the gates of a candidate, each as a sentence for people."""

from datetime import datetime
from typing import assert_never

from policy_lang.catalog.update import Update
from policy_lang.options import Options
from policy_lang.rollout.bucket import BUCKETS, bucket
from policy_lang.selection.checkin import CheckIn, device_id_of, product_of
from policy_lang.selection.model import Gate, Reason
from policy_lang.types.decode import describe, why_not
from policy_lang.types.model import VERSION
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import quote


def reason_sentence(reason: Reason, update: Update | None, checkin: CheckIn, options: Options) -> str:
    """Why a device gets an update, or none."""
    device = checkin.device
    match reason:
        case Reason.OFFERED:
            return "" if update is None else f"the device is offered {quote(update.id)}, version {update.version}"
        case Reason.NO_PRODUCT:
            return f"the product of the device is not known: {_product_problem(checkin)}"
        case Reason.UNKNOWN_PRODUCT:
            return f"the catalog has no update for the product {quote(product_of(device) or '')}"
        case Reason.NO_VERSION:
            return f"the version of the device is not known: {why_not(VERSION, device.get('version'), options)[1]}"
        case Reason.UP_TO_DATE:
            return f"the catalog has no update for a device with {describe(device.get('version'))}"
        case Reason.NO_MATCH:
            return "no candidate admits the device"
        case _:
            assert_never(reason)
