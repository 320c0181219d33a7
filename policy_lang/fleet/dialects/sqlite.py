"""SQLite: columns have no strict types, so every column that is not checked is guarded by its type; lists are JSON in texts."""

from typing import ClassVar

from sqlglot import exp

from policy_lang.fleet.builder import Form, Operation
from policy_lang.fleet.columns import Column, Storage
from policy_lang.fleet.dialects.base import EVERYTHING, SqlBuilder, binary, call, cast, exact_double, number

_STORED = {
    Storage.INTEGER: ("integer",),
    Storage.DOUBLE: ("real", "integer"),
    Storage.TEXT: ("text",),
    Storage.JSON: ("text",),
    Storage.TIMESTAMP: ("integer",),
    Storage.DURATION: ("integer",),
}


class SQLite(SqlBuilder):
    """SQLite's SQL; its functions on text stop at U+0000, so texts are compared in parts as the bytes that they are.

    Lengths of text would need its functions, and remainders of fractions it computes as integers.
    """

    dialect = "sqlite"
    name = "SQLite"
    can = EVERYTHING - {Operation.LENGTH, Operation.REMAINDER, Operation.BUCKET, Operation.LISTS}
    collation: ClassVar[str | None] = "BINARY"

    def nul(self) -> exp.Expr:
        """The character U+0000."""
        return call("CHAR", number(0))

    def double(self, value: float) -> exp.Expr:
        """SQLite before 3.47 reads some digits a bit wrong."""
        return exact_double(value)

    def column(self, column: Column) -> exp.Expr:
        """The value of a column, where it has the column's type; whoever wrote a checked column saw to that."""
        if column.is_checked:
            return self.name_of(column.name)
        if column.storage is Storage.BOOLEAN:
            branches = [exp.If(this=number(1), true=exp.true()), exp.If(this=number(0), true=exp.false())]
            return exp.Paren(this=exp.Case(this=self.name_of(column.name), ifs=branches))
        types = _STORED.get(column.storage)
        value = self.name_of(column.name)
        if types is None:
            return value
        has_type = exp.In(this=call("TYPEOF", self.name_of(column.name)), expressions=[exp.Literal.string(each) for each in types])
        as_declared = cast(value, "DOUBLE") if column.storage is Storage.DOUBLE else value
        return self.first_true([(exp.Paren(this=has_type), as_declared)], exp.null())

    def flag(self, name: str) -> exp.Expr:
        """A column of bools; its NULL is false."""
        return binary(exp.EQ, call("COALESCE", self.name_of(name), number(0)), number(1))

    def whole(self, value: exp.Expr) -> exp.Expr:
        """A double where it is whole; FLOOR is not in every build."""
        bounded = self.within(value, -(2.0**62), 2.0**62, Form.DOUBLE)
        as_integer = cast(cast(bounded.copy(), "BIGINT"), "DOUBLE")
        return self.first_true([(binary(exp.EQ, bounded, as_integer), value.copy())], exp.null())

    def exclusive_or(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """What is in either and not in both."""
        both = binary(exp.BitwiseAnd, left.copy(), right.copy())
        return binary(exp.Sub, binary(exp.BitwiseOr, left, right), both)

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """The first bytes as many as the part has."""
        start = call("SUBSTR", self._marked(text), number(2), self._size(part.copy()))
        return binary(exp.EQ, start, self._bytes(part))

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """The last bytes as many as the part has, where there are so many."""
        first = binary(exp.Add, binary(exp.Sub, self._size(text.copy()), self._size(part.copy())), number(2))
        end = call("SUBSTR", self._marked(text.copy()), first, self._size(part.copy()))
        is_long_enough = binary(exp.LTE, self._size(part.copy()), self._size(text))
        return binary(exp.And, is_long_enough, binary(exp.EQ, end, self._bytes(part)))

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """A character of UTF-8 never starts inside another, so bytes are found where characters are."""
        return binary(exp.GT, call("INSTR", self._bytes(text), self._bytes(part)), number(0))

    def bytes_of(self, text: exp.Expr) -> exp.Expr:
        """How many bytes of UTF-8."""
        return self._size(text)

    def _bytes(self, text: exp.Expr) -> exp.Expr:
        return cast(text, "VARBINARY")

    def _marked(self, text: exp.Expr) -> exp.Expr:
        """The bytes behind a byte of our own: a part of an empty BLOB is NULL."""
        return self._bytes(self.join(exp.Literal.string("|"), text))

    def _size(self, text: exp.Expr) -> exp.Expr:
        return call("LENGTH", self._bytes(text))
