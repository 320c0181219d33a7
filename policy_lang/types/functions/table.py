"""All rows of the language, and how to find them."""

from collections.abc import Iterable
from functools import cache

from policy_lang.types.functions import arithmetic, conversions, lists, network, rollout, strings, time, versions
from policy_lang.types.functions.row import Form, Function

LANGUAGE: tuple[Function, ...] = (
    *arithmetic.ROWS,
    *conversions.ROWS,
    *strings.ROWS,
    *lists.ROWS,
    *versions.ROWS,
    *time.ROWS,
    *network.ROWS,
    *rollout.ROWS,
)


@cache
def rows(form: Form, name: str, host: tuple[Function, ...] = ()) -> tuple[Function, ...]:
    """The rows of a name, in order; the language's come before those of the host."""
    return tuple(row for row in (*LANGUAGE, *host) if row.form is form and row.name == name)


def names(form: Form, host: Iterable[Function] = ()) -> list[str]:
    """Every name of a form, each once."""
    return list(dict.fromkeys(row.name for row in (*LANGUAGE, *host) if row.form is form))
