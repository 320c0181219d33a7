"""Strict JSON to plain values by Python's own decoder: fast, and without a word about what is wrong."""

from collections.abc import Iterable
from json import JSONDecoder
from math import isfinite
from typing import Any, NoReturn

from policy_lang.documents.problems import MAX_DEPTH

_SPACE = " \t\n\r"


class Refused(ValueError):  # noqa: N818  a signal between two readers, never seen outside
    """The text is not strict JSON, or over a limit; the reader with positions finds out why."""


def decode(text: str) -> Any:
    """The value of a JSON text, or `Refused` for whatever reason."""
    inside = text.strip(_SPACE)
    try:
        value, end = _scan(inside, 0)
    except (ValueError, StopIteration, RecursionError) as error:
        raise Refused from error
    # Each level needs a bracket: most texts have so few that the depth needs no look.
    if end != len(inside) or (inside.count("{") + inside.count("[") > MAX_DEPTH and _is_deep(value)):
        raise Refused
    return value


def _is_deep(value: object) -> bool:
    """Whether lists and objects are nested over the limit."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _parts(outer)]
    return any(isinstance(inner, (dict, list)) for inner in level)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise Refused
    return number


def _refuse(_text: str) -> NoReturn:
    raise Refused


_scan = JSONDecoder(object_pairs_hook=_members, parse_float=_finite, parse_constant=_refuse).scan_once  # type: ignore[attr-defined]  # not in the stubs
