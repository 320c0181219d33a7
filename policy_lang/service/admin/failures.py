"""What goes wrong, as problem documents: the status, the cause, the remedy, and findings as data."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from litestar import Request, Response
from litestar.exceptions import ValidationException

from policy_lang.errors import PolicyError
from policy_lang.service.admin.findings import findings_of
from policy_lang.service.admin.preview import FleetError
from policy_lang.service.images.model import DamagedImageError, ImageError, MissingImageError
from policy_lang.service.problems import PROBLEM_JSON, Problem
from policy_lang.service.store.errors import ConflictError, NotFoundError, StoreError

_Handler: TypeAlias = Callable[[Request[Any, Any, Any], Any], Response[bytes]]

_AGAIN = {"retry-after": "5"}


def _answer(problem: Problem) -> Response[bytes]:
    """A problem as an answer."""
    return Response(problem.body(), status_code=problem.status, media_type=PROBLEM_JSON, headers=problem.headers)


def _answer_store(_request: Request[Any, Any, Any], error: StoreError) -> Response[bytes]:
    """What the store did not do."""
    match error:
        case NotFoundError():
            return _answer(Problem(HTTPStatus.NOT_FOUND, error.message, help=error.remedy))
        case ConflictError():
            return _answer(Problem(HTTPStatus.CONFLICT, error.message, help=error.remedy))
        case _:
            return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer", _AGAIN))


def _answer_policy(_request: Request[Any, Any, Any], error: PolicyError) -> Response[bytes]:
    """What is wrong with a policy, a schema or an update, finding by finding."""
    findings = findings_of(error.diagnostics)
    count = len(findings)
    detail = findings[0].message if count == 1 else f"there are {count} findings; the first is: {findings[0].message}"
    return _answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, diagnostics=findings))


def _answer_image(_request: Request[Any, Any, Any], error: ImageError) -> Response[bytes]:
    """What is wrong with an image, or with its store."""
    is_theirs = isinstance(error, MissingImageError | DamagedImageError)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_theirs else HTTPStatus.SERVICE_UNAVAILABLE
    return _answer(Problem(status, error.message, {} if is_theirs else _AGAIN, help=error.remedy))


def _answer_fleet(_request: Request[Any, Any, Any], error: FleetError) -> Response[bytes]:
    """Why the fleet of the settings cannot say what a change would do."""
    remedy = "send `preview: false`, or ask another fleet"
    return _answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"the fleet cannot be asked: {error}", help=remedy))


def _answer_validation(_request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Which parts of the request are not of their type."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [{**each, "key": None} if each.get("key") == "data" else each for each in found]  # the body as a whole has no key
    return _answer(Problem(HTTPStatus.BAD_REQUEST, "the request is not one that the API takes", errors=errors))


def _answer_unreadable(_request: Request[Any, Any, Any], error: UnicodeDecodeError | RecursionError) -> Response[bytes]:
    """A body that the framework does not get through; nothing else of a request is decoded, and nothing else is that deep."""
    is_deep = isinstance(error, RecursionError)
    return _answer(Problem(HTTPStatus.BAD_REQUEST, "the body is nested too deep" if is_deep else "the body is not UTF-8"))


FAILURES: Mapping[int | type[Exception], _Handler] = {
    StoreError: _answer_store,
    PolicyError: _answer_policy,
    ImageError: _answer_image,
    FleetError: _answer_fleet,
    ValidationException: _answer_validation,
    UnicodeDecodeError: _answer_unreadable,
    RecursionError: _answer_unreadable,
}
"""How each error of the layers below is answered; all others are problems already, or our fault."""
