"""What every way of evaluating shares: calling a host's function, and checking what a function gives."""

import logging
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

from policy_lang.options import Options
from policy_lang.types.decode import decoder, is_text
from policy_lang.types.functions.row import Function
from policy_lang.types.model import PLAIN_TYPES, Kind

_LOG = logging.getLogger("policy_lang")


def implementation(function: Function, options: Options) -> Callable[..., Any]:
    """What computes a row: its own Python, the host's behind a guard, or the decoder of its result."""
    if function.is_host:
        return call_host(function)
    return decoder(PLAIN_TYPES[function.result], options) if function.decodes else function.python


def call_host(function: Function) -> Callable[..., Any]:
    """The host's function, whose exceptions give an unknown: a device must not be able to stop a check-in.

    The first failure is logged as an error, with its traceback, and the others for debugging only: a fleet would flood the log.
    """
    levels = chain([logging.ERROR], repeat(logging.DEBUG))

    def compute(*values: Any) -> Any:
        try:
            return function.python(*values)
        except Exception:  # noqa: BLE001  whatever the host's code raises, the check-in goes on
            _LOG.log(next(levels), "the host's function `%s` failed; its result is unknown", function.name, exc_info=True)
            return None

    return compute


def fits(value: Any, function: Function, options: Options) -> bool:
    """Whether a result is a value of the function's type and within the limits."""
    if function.is_host and function.result is not Kind.LIST:
        return decoder(PLAIN_TYPES[function.result], options)(value) is not None and not _is_text_for(value, function.result)
    return function.result is not Kind.STRING or value is None or is_text(value, options.max_text)


def _is_text_for(value: Any, kind: Kind) -> bool:
    """A text where another type is due: it would be decoded from a device, not from a program."""
    return isinstance(value, str) and kind is not Kind.STRING
