"""What an engine must be able to say: the small vocabulary that policies are lowered to.

The lowering (`policy_lang.fleet.lower`) knows the language and no engine. A builder knows one engine and makes expressions of it:
SQL trees (`policy_lang.fleet.dialects`) or dataframe expressions (`policy_lang.fleet.frames`). Every method gives exactly what the
language means, NULL for unknown, or the engine's builder leaves the operation out of `can`. What no engine must be asked is not
here.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

from policy_lang.fleet.columns import Column

E = TypeVar("E")

Plain: TypeAlias = bool | int | float | str
"""A constant as engines have it."""


class Form(StrEnum):
    """What a value is in the engine.

    An `int` is INTEGER and a `number` either INTEGER or DOUBLE; a version is its KEY; times are MICROSECONDS.
    """

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DOUBLE = "double"
    TEXT = "text"
    KEY = "key"
    MICROSECONDS = "microseconds"
    LIST = "list"


class Operation(StrEnum):
    """What engines differ in, in the words of the documentation; everything else of a builder every engine has."""

    PREFIX = "text starts with text"
    SUFFIX = "text ends with text"
    PART = "text contains text"
    SEARCH = "regular expressions"
    LENGTH = "length of a text"
    NUL = "a literal with U+0000"
    FLOATS = "arithmetic on fractions"
    REMAINDER = "remainder of fractions"
    BITS = "bitwise and, or, exclusive or"
    BUCKET = "bucket and rollout"
    LISTS = "membership, item and length of a list"


class Builder(Protocol[E]):
    """Makes the expressions of one engine.

    Attributes:
        name: the engine, for messages.
        can: what the engine does exactly.
    """

    @property
    def name(self) -> str:
        """The engine."""
        ...

    @property
    def can(self) -> frozenset[Operation]:
        """What it does exactly."""
        ...

    def literal(self, value: Plain, form: Form) -> E:
        """A constant."""
        ...

    def null(self, form: Form) -> E:
        """An unknown."""
        ...

    def column(self, column: Column) -> E:
        """The value of a column; NULL where the engine let in a value of another type."""
        ...

    def key(self, column: Column) -> E:
        """The version key of a column."""
        ...

    def is_stored(self, name: str) -> E:
        """Whether a physical column is not NULL."""
        ...

    def flag(self, name: str) -> E:
        """A physical column of bools; its NULL is false."""
        ...

    def is_known(self, value: E) -> E:
        """Whether a value is not NULL."""
        ...

    def both(self, items: Sequence[E]) -> E:
        """Kleene's conjunction."""
        ...

    def either(self, items: Sequence[E]) -> E:
        """Kleene's disjunction."""
        ...

    def negation(self, value: E) -> E:
        """Kleene's negation."""
        ...

    def equal(self, left: E, right: E, form: Form) -> E:
        """Equality of two values of one form."""
        ...

    def less(self, left: E, right: E, form: Form) -> E:
        """Order of two values of one form; texts by code point."""
        ...

    def among(self, value: E, items: Sequence[E], form: Form) -> E:
        """Membership: NULL where the value is, or where an item is and no other is the value. There is at least one item."""
        ...

    def choose(self, test: E, then: E, otherwise: E) -> E:
        """One of two; NULL where the test is."""
        ...

    def first_true(self, cases: Sequence[tuple[E, E]], otherwise: E) -> E:
        """The value beside the first test that is true; NULL tests are passed over."""
        ...

    def first_known(self, items: Sequence[E]) -> E:
        """The first value that is not NULL."""
        ...

    def within(self, value: E, low: Plain, high: Plain, form: Form) -> E:
        """The value where it is between two bounds, both included, else NULL; NaN is never between."""
        ...

    def to_double(self, value: E) -> E:
        """An INTEGER as a DOUBLE."""
        ...

    def to_integer(self, value: E) -> E:
        """A whole DOUBLE within ±(2^53-1) as an INTEGER."""
        ...

    def whole(self, value: E) -> E:
        """A DOUBLE where it is whole, else NULL."""
        ...

    def calculate(self, op: str, left: E, right: E, form: Form) -> E:
        """`+ - *` of INTEGERs, DOUBLEs or MICROSECONDS, `/` of DOUBLEs, `%` with the dividend's sign, `& | ^`; by zero NULL."""
        ...

    def starts_with(self, text: E, part: E) -> E:
        """Whether a text starts with another."""
        ...

    def ends_with(self, text: E, part: E) -> E:
        """Whether a text ends with another."""
        ...

    def contains(self, text: E, part: E) -> E:
        """Whether a text contains another."""
        ...

    def search(self, text: E, pattern: str, flags: str) -> E:
        """Whether a text holds a match of a regular expression of RE2; the flags are `i`, `s`, both or none."""
        ...

    def length(self, text: E) -> E:
        """How many code points a text has."""
        ...

    def short(self, text: E, longest: int) -> E:
        """The text where it has so many bytes of UTF-8 at most, else NULL."""
        ...

    def bucket(self, key: E, salt: E) -> E:
        """The bucket of a key, 0 to 999,999."""
        ...

    def includes(self, items: E, value: E) -> E:
        """Whether a list holds a value; NULL where either is, or where an item is and no other is the value."""
        ...

    def item(self, items: E, position: int) -> E:
        """The item at a position counted from 0; NULL beyond the end."""
        ...

    def count(self, items: E) -> E:
        """How many items a list has."""
        ...
