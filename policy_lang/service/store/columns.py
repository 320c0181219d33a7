"""Types of columns that hold exactly what they were given, on both engines.

PostgreSQL keeps no NUL in text and no index entry of more than about 2,700 bytes; ids come from devices and may have both.
"""

import json
import re
from hashlib import sha256
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

LARGEST = 2**63 - 1
"""The largest number that a column holds."""

_LONGEST = 1024
_SHOWN = 200
_HALF = re.compile(r"\\u([0-9a-f]{4})")


class Name(TypeDecorator[str]):
    r"""An id, or another short text: any text that Python has, compared exactly.

    A backslash is doubled, a NUL written `\0`, half of a surrogate pair `\ud800`. A text of more than 1,024 bytes is kept as `\#`,
    its SHA-256, and its first 200 characters; it equals itself only, and reads back in that form.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  the signature is SQLAlchemy's
        """What the database keeps."""
        return None if value is None else _escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  the signature is SQLAlchemy's
        """What was given."""
        return None if value is None else _unescape(value)


class Json(TypeDecorator[Any]):
    """A JSON value as text in ASCII, written the same way for the same value; a type of the engine would reorder or refuse some."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002  the signature is SQLAlchemy's
        """The text."""
        return None if value is None else write_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002  the signature is SQLAlchemy's
        """The value."""
        return None if value is None else json.loads(value)


def write_json(value: Any) -> str:
    r"""The canonical text of a JSON value: sorted keys, no blanks, ASCII. What JSON has no number for reads back all the same.

    >>> write_json({"b": 1, "a": "é"})
    '{"a":"\\u00e9","b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def kept_name(text: str | None) -> str | None:
    r"""What a `Name` column gives back for a text: the text itself, unless it is very long.

    >>> kept_name("a\\b") == "a\\b", len(kept_name("x" * 2000))
    (True, 267)
    """
    return None if text is None else _unescape(_escape(text))


def digest_of(*texts: str) -> str:
    """The SHA-256 of some texts, each set off from the next, in hex."""
    return sha256("\x1f".join(texts).encode()).hexdigest()


def _escape(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("\0", "\\0") if "\\" in text or "\0" in text else text
    data = plain.encode(errors="backslashreplace")
    return data.decode() if len(data) <= _LONGEST else f"\\#{sha256(data).hexdigest()}:{data.decode()[:_SHOWN]}"


def _unescape(text: str) -> str:
    if "\\" not in text or text.startswith("\\#"):
        return text
    return "\\".join(_HALF.sub(lambda found: chr(int(found[1], 16)), part).replace("\\0", "\0") for part in text.split("\\\\"))
