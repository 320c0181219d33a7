"""What OpenAPI says about the API beyond the types of its handlers: errors, paging, and how to prove who one is."""

from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from litestar.datastructures import ResponseHeader
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Components, Example, SecurityScheme
from litestar.params import PathParameter, QueryParameter

from policy_lang.service.admin.findings import Finding
from policy_lang.service.problems import PROBLEM_JSON

SECURITY: Final[list[dict[str, list[str]]]] = [{"adminToken": []}]
COMPONENTS: Final = Components(
    security_schemes={
        "adminToken": SecurityScheme(
            type="http", scheme="bearer", description="A token of scope `admin`; it is for one product, and sees nothing of others."
        )
    }
)

MOST: Final = 500
"""The most rows of a page."""

LARGEST: Final = 2**53 - 1

UpdateId: TypeAlias = Annotated[str, PathParameter(description="The id of the update, percent-encoded.")]
TokenId: TypeAlias = Annotated[
    str, PathParameter(pattern=r"^[\w.-]{1,64}$", description="The id of the token; it is not its secret.")
]
Seq: TypeAlias = Annotated[int, PathParameter(ge=0, le=LARGEST, description="The number of the row.")]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many rows at most.")]
After: TypeAlias = Annotated[str | None, QueryParameter(max_length=1024, description="What `next` of the page before said.")]

ETAG: Final = [ResponseHeader(name="ETag", description="The revision, for `If-Match`.", documentation_only=True)]


class InvalidField(msgspec.Struct, frozen=True):
    """A part of a request that is not of its type."""

    message: str
    key: str | None = None
    source: str | None = None


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong; RFC 9457.

    Attributes:
        title: the words of the status.
        status: the status of HTTP.
        detail: the cause.
        help: the remedy.
        diagnostics: findings in a policy, a schema or an update.
        errors: parts of the request that are not of their type.
        revision: the revision that there is now.
    """

    title: str
    status: int
    detail: str
    help: str | None = None
    diagnostics: list[Finding] | None = None
    errors: list[InvalidField] | None = None
    revision: int | None = None


_ALWAYS = (400, 401, 413, 429, 503)
_EXAMPLES: Final[dict[int, dict[str, Any]]] = {
    400: {
        "detail": "the request is not one that the API takes",
        "errors": [{"message": "Expected `int` >= 1", "key": "limit"}],
    },
    401: {"detail": "the token is not valid here"},
    404: {"detail": "there is no update `atlas-9`", "help": "see `policy service updates list`"},
    409: {"detail": "there is an update `atlas-2.4.0` already", "help": "choose another id"},
    412: {"detail": "this is at revision 13 now; somebody else changed it", "revision": 13},
    413: {"detail": "Request Entity Too Large"},
    422: {
        "detail": "comparisons cannot be chained",
        "diagnostics": [
            {
                "code": "PL104",
                "severity": "error",
                "message": "comparisons cannot be chained",
                "help": "write `1 < device.memory && device.memory < 3`",
                "field": "policy",
            }
        ],
    },
    428: {"detail": "the change does not say for which revision it is meant"},
    429: {"detail": "too many wrong tokens"},
    503: {"detail": "the database does not answer"},
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The errors that a handler may answer, those of every handler included."""
    return {status: _problem(HTTPStatus(status)) for status in sorted({*_ALWAYS, *statuses})}


def _problem(status: HTTPStatus) -> ResponseSpec:
    """One error with an example."""
    example = {"title": status.phrase, "status": int(status), **_EXAMPLES[status]}
    return ResponseSpec(
        ProblemDocument,
        generate_examples=False,
        description=status.phrase,
        media_type=PROBLEM_JSON,
        examples=[Example(value=example)],
    )
