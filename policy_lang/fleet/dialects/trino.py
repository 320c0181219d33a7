"""Trino, and Athena, which is one: text only. There is no Trino here to run it on, so this dialect is the one that is untested."""

from sqlglot import exp

from policy_lang.fleet.builder import Operation
from policy_lang.fleet.dialects.base import EVERYTHING, SEPARATOR, SqlBuilder, binary, call, number
from policy_lang.rollout.bucket import BUCKETS


class Trino(SqlBuilder):
    """Trino's SQL; its remainder of fractions is not documented to be exact."""

    dialect = "trino"
    name = "Trino"
    can = EVERYTHING - {Operation.REMAINDER}

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """The last code points as many as the part has; the empty part is the end of every text."""
        first = binary(exp.Add, binary(exp.Sub, call("LENGTH", text.copy()), call("LENGTH", part.copy())), number(1))
        is_long_enough = binary(exp.LTE, call("LENGTH", part.copy()), call("LENGTH", text.copy()))
        end = call("SUBSTR", text, call("GREATEST", first, number(1)))
        is_end = self.first_true([(binary(exp.EQ, part.copy(), exp.Literal.string("")), exp.true())], binary(exp.EQ, end, part))
        return binary(exp.And, is_long_enough, is_end)

    def bytes_of(self, text: exp.Expr) -> exp.Expr:
        """How many bytes of UTF-8."""
        return call("LENGTH", call("TO_UTF8", text))

    def exclusive_or(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Bitwise exclusive or."""
        return call("BITWISE_XOR", left, right)

    def bucket(self, key: exp.Expr, salt: exp.Expr) -> exp.Expr:
        """The first 32 bits of the hash, scaled to a million."""
        joined = self.join(self.join(salt, self.plain_text(SEPARATOR)), key)
        digits = call("SUBSTR", call("TO_HEX", call("SHA256", call("TO_UTF8", joined))), number(1), number(8))
        bits = call("FROM_BASE", digits, number(16))
        return call("BITWISE_RIGHT_SHIFT", binary(exp.Mul, bits, number(BUCKETS)), number(32))

    def includes(self, items: exp.Expr, value: exp.Expr) -> exp.Expr:
        """`contains` has the logic of the language."""
        return call("CONTAINS", items, value)

    def item(self, items: exp.Expr, position: int) -> exp.Expr:
        """NULL beyond the end; positions count from 1."""
        return call("ELEMENT_AT", items, number(position + 1))

    def count(self, items: exp.Expr) -> exp.Expr:
        """How many items."""
        return call("CARDINALITY", items)
