"""The report: a device says how an update ended, and the report is kept before it is acknowledged.

Source: docs/service.md, "Reports".
"""

from http import HTTPStatus
from typing import Any, Final

from structlog.typing import FilteringBoundLogger

from policy_lang.rollout.bucket import is_device_id
from policy_lang.service.authorization import Identity
from policy_lang.service.bodies import read_report
from policy_lang.service.endpoint import Endpoint, Request
from policy_lang.service.problems import Problem
from policy_lang.service.rates import Rates
from policy_lang.service.service import Service
from policy_lang.service.store.errors import NotFoundError
from policy_lang.service.store.reports import ReportOutcome, record_report
from policy_lang.service.threads import Threads

_LONGEST_ID: Final = 512
_OUTCOMES: Final[dict[object, bool]] = {True: True, False: False, "true": True, "false": False}


class ReportEndpoint(Endpoint):
    """The address where devices say how an update ended."""

    kind = "report"

    def __init__(self, service: Service, rates: Rates, failures: Rates, log: FilteringBoundLogger, *, threads: Threads) -> None:
        """Prepare; `threads` are where the database may block."""
        super().__init__(service, rates, failures, log)
        self._threads = threads

    async def answer(self, request: Request, identity: Identity, body: bytes) -> bytes:
        """`{}`, when the report is committed."""
        report = read_report(body)
        device, update = _id(report, "id"), _id(report, "update")
        is_success = _success(report)
        self._slow_down(request, identity, device)
        try:
            outcome = await self._threads.run(self._record, request, identity.product, update, device, is_success=is_success)
        except NotFoundError as error:
            raise Problem(HTTPStatus.NOT_FOUND, "the product of the token has no such update") from error
        request.update = update
        request.reason = "success" if is_success else "failure"
        self._service.metrics.reported(identity.product, update, success=is_success)
        if outcome.has_paused:
            self._log.warning("update paused by reports of failure", product=identity.product, update=update)
        return b"{}"

    def _record(self, request: Request, product: str, update: str, device: str, *, is_success: bool) -> ReportOutcome:
        """Keep the report, in one transaction."""
        with self._service.database.changing() as connection:
            return record_report(connection, product, update, device, is_success=is_success, now=request.now)


def _id(report: dict[str, Any], name: str) -> str:
    """An id of the report.

    Raises:
        Problem: 400, it is missing or is none.
    """
    value = report.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST_ID or not is_device_id(value):
        raise Problem(HTTPStatus.BAD_REQUEST, f"`{name}` is no id; write it as text, with 1 to {_LONGEST_ID} characters")
    return value


def _success(report: dict[str, Any]) -> bool:
    """How the update ended.

    Raises:
        Problem: 400, the report does not say so.
    """
    said = report.get("success")
    if not isinstance(said, bool | str) or said not in _OUTCOMES:
        raise Problem(HTTPStatus.BAD_REQUEST, "`success` is neither true nor false; write one of them, also as text")
    return _OUTCOMES[said]
