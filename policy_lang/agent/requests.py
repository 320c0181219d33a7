"""The two requests of the agent: the check-in and the report."""

import json
from datetime import datetime
from typing import Any

from policy_lang.agent.addresses import origin
from policy_lang.agent.device import Device
from policy_lang.agent.failures import RejectedError, TransientError
from policy_lang.agent.offer import Offer, read_offer
from policy_lang.agent.settings import Settings
from policy_lang.agent.state import Outcome, Task
from policy_lang.agent.transport import Reply, Transport, retry_after

_OK = 200
_REDIRECTS = range(300, 400)
_ACKNOWLEDGED = range(200, 300)
_FINAL = {400, 404, 409, 410, 413, 422}
_MEANINGS = {
    401: "the token is not valid",
    403: "the token is not for this product",
    429: "there are too many requests",
}


def check_in(settings: Settings, device: Device, transport: Transport, now: datetime) -> Offer | None:
    """Ask for an update.

    Returns:
        What the server offers, or None.

    Raises:
        TransientError: there is no answer, or none that can be used.
    """
    reply = _post(settings, device, settings.update_path, device.facts, transport)
    if reply.status != _OK:
        raise TransientError(_refusal(reply, settings), retry_after(reply.headers, now))
    return read_offer(reply.body, allows_loopback=settings.allows_loopback)


def send_report(settings: Settings, device: Device, task: Task, outcome: Outcome, transport: Transport, now: datetime) -> None:
    """Tell the server how an update ended.

    Raises:
        RejectedError: the server will never take this report, such as that of an update that is gone.
        TransientError: it is not acknowledged.
    """
    body = {"success": outcome.success, "id": device.id, "update": task.update}
    reply = _post(settings, device, settings.report_path, body, transport)
    if reply.status in _FINAL:
        raise RejectedError(_refusal(reply, settings))
    if reply.status not in _ACKNOWLEDGED:
        raise TransientError(_refusal(reply, settings), retry_after(reply.headers, now))


def _post(settings: Settings, device: Device, path: str, body: dict[str, Any], transport: Transport) -> Reply:
    headers = {"Authorization": f"bearer {device.token}", "Content-Type": "application/json"}
    try:
        encoded = json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError):  # JSON5 and YAML have values that JSON has not
        raise TransientError("the device has a property that cannot be written in JSON") from None
    return transport.post(f"{settings.host}{path}", encoded, headers, limit=settings.api_timeout)


def _refusal(reply: Reply, settings: Settings) -> str:
    """Why an answer is no success, without its body, which may be anything."""
    if reply.status in _REDIRECTS:
        return f"{origin(settings.host)} redirects elsewhere (status {reply.status}), which is not followed with a token"
    meaning = _MEANINGS.get(reply.status)
    return f"{origin(settings.host)} answers with status {reply.status}{f': {meaning}' if meaning else ''}"
