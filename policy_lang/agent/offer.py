"""The answer to a check-in, read strictly: `{}`, or an offer of exactly four fields."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from policy_lang.agent.addresses import problem_of
from policy_lang.agent.failures import AnswerError
from policy_lang.documents.problems import quote
from policy_lang.rollout.bucket import is_device_id
from policy_lang.types.decode import describe
from policy_lang.versions.version import Version

_FIELDS = ("url", "checksum", "update", "version")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
_LONGEST_ID = 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """An update that the server offers.

    Attributes:
        url: where the image is; it may hold a signature, so it is never shown or kept.
        checksum: the SHA-256 of the image, in lower-case hex.
        update: the id of the update.
        version: what the device runs once it is applied.
    """

    url: str
    checksum: str
    update: str
    version: Version

    def __repr__(self) -> str:
        """Leave the address out of every log and traceback."""
        return f"Offer({self.update!r}, {self.version})"


def read_offer(body: bytes, *, allows_loopback: bool = False) -> Offer | None:
    """Read the answer to a check-in.

    Args:
        body: what the server sent with status 200.
        allows_loopback: whether an image may be at plain http on 127.0.0.1.

    Returns:
        The offer; None where the server has nothing for the device.

    Raises:
        AnswerError: it is anything else; nothing of it is used.

    >>> read_offer(b"{}")
    >>> read_offer(b'{"url": "http://example.com"}')
    Traceback (most recent call last):
    policy_lang.agent.failures.AnswerError: the answer lacks `checksum`, `update`, `version`
    """
    fields = _read_object(body)
    if not fields:
        return None
    if missing := [name for name in _FIELDS if name not in fields]:
        raise AnswerError(f"the answer lacks {', '.join(f'`{name}`' for name in missing)}")
    if extra := [name for name in fields if name not in _FIELDS]:
        raise AnswerError(f"the answer has the unknown field {quote(extra[0])}")
    for name in _FIELDS:
        if not isinstance(fields[name], str):
            raise AnswerError(f"`{name}` in the answer is {describe(fields[name])}, not text")
    return Offer(
        _read_url(fields["url"], allows_loopback=allows_loopback),
        _read_checksum(fields["checksum"]),
        _read_id(fields["update"]),
        _read_version(fields["version"]),
    )


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except AnswerError:
        raise
    except (ValueError, RecursionError):
        raise AnswerError("the answer is not JSON") from None
    if not isinstance(value, dict):
        raise AnswerError(f"the answer is {describe(value)}, not an object")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AnswerError("the answer has a field twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise AnswerError(f"the answer is not JSON: it has `{name}`")


def _read_url(text: str, *, allows_loopback: bool) -> str:
    if problem := problem_of(text, allows_loopback=allows_loopback):
        raise AnswerError(f"`url` in the answer cannot be used: {problem}")
    return text


def _read_checksum(text: str) -> str:
    if not _CHECKSUM.fullmatch(text):
        raise AnswerError(f"`checksum` in the answer is not a SHA-256 in lower-case hex: {quote(text)}")
    return text


def _read_id(text: str) -> str:
    """An id that can be sent back and put into the environment of a script."""
    if not is_device_id(text) or not text.isprintable() or len(text) > _LONGEST_ID:
        raise AnswerError("`update` in the answer is not an id")
    return text


def _read_version(text: str) -> Version:
    try:
        return Version.parse(text)
    except ValueError as error:
        raise AnswerError(f"`version` in the answer is not valid: {error}") from None
