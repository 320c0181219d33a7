"""Logs as data: one JSON object a line on standard error, with the time, the level and the event first.

No line holds a secret: headers, bodies and query strings are never given to a log, and what a client sent appears only as the id of
the device, cut to a length. Lines of the server and of libraries have the same form.
"""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger

_LONGEST = 80
_encode = msgspec.json.Encoder(enc_hook=str).encode


def open_log(stream: BinaryIO | None = None, level: int = logging.INFO) -> FilteringBoundLogger:
    """A logger of the service.

    Args:
        stream: where the lines go; standard error without one.
        level: the least level that is written, as a number of `logging`.
    """
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.BytesLogger(sys.stderr.buffer if stream is None else stream),
        processors=[_render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    ).bind()
    return logger


def server_logging(level: str = "INFO") -> dict[str, Any]:
    """The settings of Python's own logging, for the server and for libraries: the same lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": LineFormatter}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "uvicorn": {"level": level},
            "uvicorn.error": {"level": level},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


def shown(text: object) -> str | None:
    """What a client sent, for a line: cut where it is long; None where it is no text.

    >>> shown("device-1"), shown(7)
    ('device-1', None)
    """
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") if isinstance(text, str) else None


class LineFormatter(logging.Formatter):
    """A record of Python's logging as a line like all others."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; what led to an error is a list of lines."""
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["traceback"] = _traceback(record.exc_info[1])
        return _line(record.levelname.lower(), record.getMessage(), fields).decode()


def _render(_logger: object, level: str, event: MutableMapping[str, Any]) -> bytes:
    """A line of structlog: the event first, then its fields; what led to an error is a list of lines."""
    about = event.pop("exc_info", None)
    error = about if isinstance(about, BaseException) else sys.exc_info()[1] if about else None
    if error is not None:
        event["traceback"] = _traceback(error)
    return _line(level, event.pop("event"), event)


def _line(level: str, event: str, fields: Mapping[str, Any]) -> bytes:
    """One line, without its end."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251  a log says when
    return _encode({"at": at.replace("+00:00", "Z"), "level": level, "event": event, **fields})


def _traceback(error: BaseException) -> list[str]:
    """What led to an error, line by line."""
    return "".join(traceback.format_exception(error)).splitlines()
