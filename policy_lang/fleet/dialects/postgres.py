"""PostgreSQL, of a database in UTF-8; texts compare under the collation `C`, by code point."""

from typing import ClassVar

from sqlglot import exp

from policy_lang.fleet.builder import Form, Operation
from policy_lang.fleet.dialects.base import EVERYTHING, SEPARATOR, SqlBuilder, binary, call, cast, number
from policy_lang.rollout.bucket import BUCKETS


class Postgres(SqlBuilder):
    """PostgreSQL's SQL.

    It raises an error where the arithmetic of doubles overflows, and also where it underflows, so fractions are not its business.
    Texts hold no U+0000.
    """

    dialect = "postgres"
    name = "PostgreSQL"
    can = EVERYTHING - {Operation.FLOATS, Operation.REMAINDER, Operation.NUL}
    collation: ClassVar[str | None] = "C"

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text starts with another."""
        return call("STARTS_WITH", self._collated(text, Form.TEXT), part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """The end of the text as long as the part; a part longer than the text is not equal to all of it."""
        end = call("RIGHT", text, call("LENGTH", part.copy()))
        return self.equal(end, part, Form.TEXT)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text contains another."""
        return binary(exp.GT, call("STRPOS", self._collated(text, Form.TEXT), part), number(0))

    def bucket(self, key: exp.Expr, salt: exp.Expr) -> exp.Expr:
        """The first 32 bits of the hash, read as bits, scaled to a million."""
        joined = self.join(self.join(salt, self.plain_text(SEPARATOR)), key)
        digest = call("SHA256", call("CONVERT_TO", joined, exp.Literal.string("UTF8")))
        octets = [cast(call("GET_BYTE", digest.copy(), number(at)), "BIGINT") for at in range(4)]
        scaled = [binary(exp.Mul, octet, number(256 ** (3 - at) * BUCKETS)) for at, octet in enumerate(octets)]
        total = binary(exp.Add, binary(exp.Add, scaled[0], scaled[1]), binary(exp.Add, scaled[2], scaled[3]))
        return binary(exp.BitwiseRightShift, total, number(32))

    def includes(self, items: exp.Expr, value: exp.Expr) -> exp.Expr:
        """`value = ANY (items)` has the logic of the language, except that nothing is in the empty list, not even NULL."""
        found = binary(exp.EQ, value.copy(), exp.Any(this=exp.Paren(this=items)))
        return self.first_true([(self.is_known(value), found)], exp.null())

    def item(self, items: exp.Expr, position: int) -> exp.Expr:
        """A slice, because a subscript could not be told from one of another dialect; NULL beyond the end."""
        return exp.Bracket(this=exp.Paren(this=items), expressions=[number(position + 1)], offset=1)

    def count(self, items: exp.Expr) -> exp.Expr:
        """How many items."""
        return cast(call("CARDINALITY", items), "BIGINT")
