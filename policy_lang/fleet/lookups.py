"""The way round: what an engine cannot say is decided in Python, by the closures, over the distinct values of its columns.

A fleet has millions of devices and few different values of most properties, so this is cheap, and it is exact by construction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import Facts
from policy_lang.fleet.builder import Form, Plain
from policy_lang.fleet.lower import Lookup
from policy_lang.fleet.rows import LARGEST_STORED, device_reader, microseconds
from policy_lang.versions.version import Version

MOST_DISTINCT: Final = 1_000_000
"""How many distinct values are decided in Python at most, unless the caller says otherwise."""

Key: TypeAlias = tuple[Any, ...]
"""The values of the physical columns of a look-up."""


def physical_columns(wanted: Lookup) -> tuple[str, ...]:
    """The physical columns that a look-up goes by."""
    return tuple(name for column in wanted.columns for name in column.physical)


def decide(wanted: Lookup, keys: Iterable[Sequence[Any]]) -> Iterator[Plain | None]:
    """The answer for each key, as the engine stores it.

    Args:
        wanted: the look-up.
        keys: values of its physical columns.
    """
    policy = wanted.bound.policy
    closure = compile_expr(wanted.node, policy.options, policy.roots)
    device_of, store = device_reader(wanted.columns), _stores(wanted.form)
    nothing: Facts = ({},) * (len(policy.roots) - 1)
    for key in keys:
        yield store(closure((device_of(key), *nothing)))


def _stores(form: Form) -> Callable[[Any], Plain | None]:
    match form:
        case Form.KEY:
            return _store_version
        case Form.MICROSECONDS:
            return _store_time
        case Form.DOUBLE:
            return lambda value: None if value is None else float(value)
        case _:
            return lambda value: value


def _store_version(value: Version | None) -> str | None:
    return None if value is None else value.key


def _store_time(value: datetime | timedelta | None) -> int | None:
    return None if value is None else microseconds(value)


def fits(answer: Plain | None) -> bool:
    """Whether an answer fits into a column; a duration may be longer than any column holds."""
    return not isinstance(answer, int) or abs(answer) <= LARGEST_STORED
