"""Sets of the three results: true, false and unknown."""

from typing import TypeAlias

Truths: TypeAlias = int
"""A set of results, joined by `|`; plain ints, as the kinds of types are."""

TRUE: Truths = 1
FALSE: Truths = 2
UNKNOWN: Truths = 4
KNOWN: Truths = TRUE | FALSE
ANY: Truths = TRUE | FALSE | UNKNOWN


def truth_of(value: bool | None) -> Truths:  # noqa: FBT001  a result of the language, not a flag
    """The set that holds one result.

    >>> truth_of(None) == UNKNOWN
    True
    """
    return UNKNOWN if value is None else TRUE if value else FALSE


def negated(truths: Truths) -> Truths:
    """The results that a negation turns into these.

    >>> negated(TRUE | UNKNOWN) == FALSE | UNKNOWN
    True
    """
    return (truths & TRUE) << 1 | (truths & FALSE) >> 1 | truths & UNKNOWN
