"""What all SQL engines share: the builder over sqlglot's tree, for constructs that every engine does alike.

Literals and names enter as nodes of the tree only, and sqlglot writes them in the engine's own quotes; no text is ever pasted into
SQL.
A dialect overrides what its engine spells or does in its own way. Every compound is in parentheses: precedence is never relied on.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from math import frexp
from typing import ClassVar

from sqlglot import exp

from policy_lang.fleet.builder import Form, Operation, Plain
from policy_lang.fleet.columns import Column

EVERYTHING = frozenset(Operation) - {Operation.SEARCH}
"""What most engines do exactly; no two agree on regular expressions."""

SEPARATOR = "\x1f"
"""What stands between salt and key (docs/spec.md, "Rollout bucket")."""

_TYPES: dict[Form, str] = {
    Form.BOOLEAN: "BOOLEAN",
    Form.INTEGER: "BIGINT",
    Form.DOUBLE: "DOUBLE",
    Form.TEXT: "TEXT",
    Form.KEY: "TEXT",
    Form.MICROSECONDS: "BIGINT",
}
_TEXTS = frozenset({Form.TEXT, Form.KEY})
_OPERATORS: dict[str, type[exp.Binary]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "%": exp.Mod,
    "&": exp.BitwiseAnd,
    "|": exp.BitwiseOr,
}


class SqlBuilder:
    """Builds SQL trees; subclasses say how their engine differs.

    Attributes:
        dialect: sqlglot's name of the engine.
        name: the engine, for messages.
        can: what the engine does exactly.
        collation: the collation that orders texts by code point, where columns may have another.
        most_written: how many distinct values of a look-up stand in a statement before a join is faster.
        is_columnar: whether the engine computes every operand of a conjunction for all rows.
    """

    dialect: ClassVar[str]
    name: ClassVar[str]
    can: frozenset[Operation] = EVERYTHING
    collation: ClassVar[str | None] = None
    most_written: ClassVar[int] = 1000
    is_columnar: ClassVar[bool] = False

    def __init__(self, table: str | None = None) -> None:
        """Build expressions over a table.

        Args:
            table: the alias by which the columns are named; without one they stand alone.
        """
        self.table = table

    def sql(self, tree: exp.Expr) -> str:
        """The text of a tree in this engine's SQL."""
        return tree.sql(dialect=self.dialect)

    # --- Constants and columns

    def literal(self, value: Plain, form: Form) -> exp.Expr:  # noqa: ARG002  the value says what it is
        """A constant, exactly."""
        match value:
            case bool():
                return exp.true() if value else exp.false()
            case str():
                return self.text(value)
            case float():
                return self.double(value)
            case _:
                return number(value)

    def text(self, value: str) -> exp.Expr:
        """A text; U+0000 has no place in a literal of most engines and is joined in as a character."""
        parts = [self.plain_text(part) for part in value.split("\0")]
        return reduce(lambda left, right: self.join(self.join(left, self.nul()), right), parts)

    def plain_text(self, value: str) -> exp.Expr:
        """A text without U+0000."""
        return exp.Literal.string(value)

    def nul(self) -> exp.Expr:
        """The character U+0000."""
        return call("CHR", number(0))

    def join(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Two texts as one."""
        return binary(exp.DPipe, left, right)

    def double(self, value: float) -> exp.Expr:
        """A number that is no integer: cast from its shortest digits, which every correct reader turns into the same double."""
        return cast(exp.Literal.string(repr(value)), "DOUBLE")

    def null(self, form: Form) -> exp.Expr:
        """An unknown of a type."""
        return cast(exp.null(), self.type_name(form))

    def type_name(self, form: Form) -> str:
        """The type of a form."""
        return _TYPES[form]

    def name_of(self, column: str) -> exp.Expr:
        """A physical column."""
        return exp.column(exp.to_identifier(column, quoted=True), table=self._qualifier())

    def _qualifier(self) -> exp.Identifier | None:
        return None if self.table is None else exp.to_identifier(self.table, quoted=True)

    def column(self, column: Column) -> exp.Expr:
        """The value of a column."""
        return self.name_of(column.name)

    def key(self, column: Column) -> exp.Expr:
        """The version key of a column."""
        return self.name_of(column.key or column.name)

    def is_stored(self, name: str) -> exp.Expr:
        """Whether a physical column is not NULL."""
        return self.is_known(self.name_of(name))

    def flag(self, name: str) -> exp.Expr:
        """A column of bools; its NULL is false."""
        return call("COALESCE", self.name_of(name), exp.false())

    # --- Logic

    def is_known(self, value: exp.Expr) -> exp.Expr:
        """`value IS NOT NULL`."""
        return exp.Paren(this=exp.Not(this=exp.Paren(this=exp.Is(this=value, expression=exp.null()))))

    def both(self, items: Sequence[exp.Expr]) -> exp.Expr:
        """A conjunction."""
        return balanced(exp.And, items)

    def either(self, items: Sequence[exp.Expr]) -> exp.Expr:
        """A disjunction."""
        return balanced(exp.Or, items)

    def negation(self, value: exp.Expr) -> exp.Expr:
        """A negation."""
        return exp.Paren(this=exp.Not(this=value))

    def choose(self, test: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
        """`CASE test WHEN TRUE … WHEN FALSE … END`: a plain ELSE would take the NULL, too."""
        branches = [exp.If(this=exp.true(), true=then), exp.If(this=exp.false(), true=otherwise)]
        return exp.Paren(this=exp.Case(this=test, ifs=branches))

    def first_true(self, cases: Sequence[tuple[exp.Expr, exp.Expr]], otherwise: exp.Expr) -> exp.Expr:
        """`CASE WHEN … THEN … ELSE … END`."""
        branches = [exp.If(this=test, true=value) for test, value in cases]
        return exp.Paren(this=exp.Case(ifs=branches, default=otherwise))

    def first_known(self, items: Sequence[exp.Expr]) -> exp.Expr:
        """`COALESCE(…)`."""
        return call("COALESCE", *items)

    # --- Comparison

    def equal(self, left: exp.Expr, right: exp.Expr, form: Form) -> exp.Expr:
        """Equality."""
        return binary(exp.EQ, self._collated(left, form), right)

    def less(self, left: exp.Expr, right: exp.Expr, form: Form) -> exp.Expr:
        """Order."""
        return binary(exp.LT, self._collated(left, form), right)

    def among(self, value: exp.Expr, items: Sequence[exp.Expr], form: Form) -> exp.Expr:
        """`value IN (…)`."""
        return exp.Paren(this=exp.In(this=self._collated(value, form), expressions=list(items)))

    def within(self, value: exp.Expr, low: Plain, high: Plain, form: Form) -> exp.Expr:
        """The value where it is in range; engines that order NaN put it above every number."""
        test = exp.Between(this=value.copy(), low=self.literal(low, form), high=self.literal(high, form))
        return self.first_true([(exp.Paren(this=test), value)], self.null(form))

    def _collated(self, value: exp.Expr, form: Form) -> exp.Expr:
        if self.collation is None or form not in _TEXTS:
            return value
        return exp.Paren(this=exp.Collate(this=value, expression=exp.to_identifier(self.collation, quoted=True)))

    # --- Numbers

    def to_double(self, value: exp.Expr) -> exp.Expr:
        """An integer as a double."""
        return cast(value, "DOUBLE")

    def to_integer(self, value: exp.Expr) -> exp.Expr:
        """A whole double as an integer."""
        return cast(value, "BIGINT")

    def whole(self, value: exp.Expr) -> exp.Expr:
        """A double where it is whole."""
        return self.first_true([(binary(exp.EQ, value.copy(), call("FLOOR", value.copy())), value)], self.null(Form.DOUBLE))

    def calculate(self, op: str, left: exp.Expr, right: exp.Expr, form: Form) -> exp.Expr:
        """Arithmetic in 64 bits; `/` and `%` give NULL for a divisor of zero."""
        if form is not Form.DOUBLE:
            left, right = cast(left, "BIGINT"), cast(right, "BIGINT")
        match op:
            case "/":
                return exp.Paren(this=exp.Div(this=left, expression=self._divisor(right), typed=True, safe=False))
            case "%":
                return self.remainder(left, self._divisor(right))
            case "^":
                return self.exclusive_or(left, right)
            case _:
                return binary(_OPERATORS[op], left, right)

    def _divisor(self, value: exp.Expr) -> exp.Expr:
        return call("NULLIF", value, number(0))

    def remainder(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """The remainder with the dividend's sign."""
        return binary(exp.Mod, left, right)

    def exclusive_or(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Bitwise exclusive or."""
        return binary(exp.BitwiseXor, left, right)

    # --- Texts

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text starts with another; no pattern, so that nothing in it is a wildcard."""
        return call("STARTS_WITH", text, part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text ends with another."""
        raise NotImplementedError(Operation.SUFFIX)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text contains another."""
        return binary(exp.GT, call("STRPOS", text, part), number(0))

    def search(self, text: exp.Expr, pattern: str, flags: str) -> exp.Expr:
        """Whether a text holds a match."""
        raise NotImplementedError(Operation.SEARCH)

    def length(self, text: exp.Expr) -> exp.Expr:
        """How many code points."""
        return cast(call("LENGTH", text), "BIGINT")

    def bytes_of(self, text: exp.Expr) -> exp.Expr:
        """How many bytes of UTF-8."""
        return call("OCTET_LENGTH", text)

    def short(self, text: exp.Expr, longest: int) -> exp.Expr:
        """The text where it is short enough."""
        test = binary(exp.LTE, self.bytes_of(text.copy()), number(longest))
        return self.first_true([(test, text)], self.null(Form.TEXT))

    def bucket(self, key: exp.Expr, salt: exp.Expr) -> exp.Expr:
        """The bucket of a key."""
        raise NotImplementedError(Operation.BUCKET)

    # --- Lists

    def includes(self, items: exp.Expr, value: exp.Expr) -> exp.Expr:
        """Whether a list holds a value."""
        raise NotImplementedError(Operation.LISTS)

    def item(self, items: exp.Expr, position: int) -> exp.Expr:
        """The item at a position."""
        raise NotImplementedError(Operation.LISTS)

    def count(self, items: exp.Expr) -> exp.Expr:
        """How many items."""
        raise NotImplementedError(Operation.LISTS)

    def list_key(self, items: exp.Expr) -> exp.Expr:
        """A text that is the same for equal lists only; look-ups are joined by it."""
        return cast(items, "TEXT")


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function by its name in the engine; sqlglot writes it as it is."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(value: exp.Expr, type_name: str) -> exp.Expr:
    """A cast to a type of the dialect; unlike sqlglot's own it does not copy what it casts."""
    return exp.Cast(this=value, to=exp.DataType(this=exp.DataType.Type[type_name]))


def binary(operator: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """An operator in parentheses."""
    return exp.Paren(this=operator(this=left, expression=right))


def number(value: int) -> exp.Expr:
    """An integer, a negative one in parentheses."""
    literal = exp.Literal.number(abs(value))
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


def balanced(operator: type[exp.Connector], items: Sequence[exp.Expr]) -> exp.Expr:
    """A connective as a tree as flat as can be, for engines whose parsers have a limit."""
    if len(items) == 1:
        return items[0]
    middle = len(items) // 2
    return binary(operator, balanced(operator, items[:middle]), balanced(operator, items[middle:]))


def exact_double(value: float) -> exp.Expr:
    """A double from integers alone, for engines whose reader of digits may be off by one bit.

    A double is a whole number of 53 bits times a power of two; products and quotients by powers of two are exact.
    """
    mantissa, exponent = frexp(abs(value))
    whole, power = int(mantissa * 2**53), exponent - 53
    while whole and whole % 2 == 0:
        whole, power = whole // 2, power + 1
    tree = cast(number(whole), "DOUBLE")
    for step in _powers(abs(power)):
        tree = binary(exp.Mul if power > 0 else exp.Div, tree, cast(number(2**step), "DOUBLE"))
    return exp.Paren(this=exp.Neg(this=tree)) if value < 0 else tree


def _powers(power: int) -> Iterable[int]:
    """Exponents of at most 62 that add up."""
    while power > 0:
        yield min(power, 62)
        power -= 62
