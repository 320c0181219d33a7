"""Two engineers do not overwrite each other: a change names the revision that it is meant for.

Every answer about an update has its revision as the entity tag. A change that takes something away from somebody else's work has to
send it back in `If-Match`; it is refused when the update has changed since. `If-Match: *` means any revision.

Source: RFC 9110, section 13.1.1; RFC 6585, section 3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar.params import HeaderParameter

from policy_lang.service.problems import Problem

IfMatch: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        max_length=200,
        description='The revision that the change is meant for, as `ETag` gave it, such as `"12"`; `*` for any.',
    ),
]

_TAGS = re.compile(r'"([0-9]{1,15})"(?:\s*,\s*"([0-9]{1,15})")*', re.ASCII)
_TAG = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Precondition:
    """Which revisions a change is meant for.

    Attributes:
        revisions: those; None for any.
    """

    revisions: frozenset[int] | None

    def check(self, revision: int) -> None:
        """Refuse the change where the revision is another one.

        Raises:
            Problem: 412, somebody else was faster.
        """
        if self.revisions is not None and revision not in self.revisions:
            raise Problem(
                HTTPStatus.PRECONDITION_FAILED,
                f"this is at revision {revision} now; somebody else changed it",
                tag(revision),
                help="look at what changed, and send the change again with the new revision",
                revision=revision,
            )


ANY = Precondition(None)


def read_precondition(if_match: str | None, *, is_needed: bool = True) -> Precondition:
    """The precondition of a header.

    Raises:
        Problem: 400, it is none; 428, it is needed and there is none.
    """
    if if_match is None and is_needed:
        remedy = "send the `ETag` that you saw as `If-Match`, or `If-Match: *` for any revision"
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, "the change does not say for which revision it is meant", help=remedy)
    if if_match is None or if_match.strip() == "*":
        return ANY
    if _TAGS.fullmatch(if_match.strip()) is None:
        raise Problem(HTTPStatus.BAD_REQUEST, "`If-Match` is no revision", help='write for example `If-Match: "12"`')
    return Precondition(frozenset(map(int, _TAG.findall(if_match))))


def tag(revision: int) -> Mapping[str, str]:
    """The header that says a revision."""
    return {"etag": f'"{revision}"'}
