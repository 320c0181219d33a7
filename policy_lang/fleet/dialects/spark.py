"""Spark SQL, from 3.5 on, with ANSI mode on or off; texts compare by their bytes unless a column is declared otherwise."""

import re
from functools import reduce

from sqlglot import exp

from policy_lang.fleet.dialects.base import SEPARATOR, SqlBuilder, binary, call, cast, number
from policy_lang.rollout.bucket import BUCKETS

_VARIABLE = re.compile(r"(?<=\$)(?=\{)")


class Spark(SqlBuilder):
    """Spark's SQL; `spark.sql.parser.escapedStringLiterals` must be off, as it is unless someone turned it on."""

    dialect = "spark"
    name = "Spark"
    most_written = 100

    def plain_text(self, value: str) -> exp.Expr:
        """Spark replaces `${name}` by a setting before it parses, inside of quotes too, so the two characters are parted."""
        parts: list[exp.Expr] = [exp.Literal.string(part) for part in _VARIABLE.split(value)]
        return reduce(self.join, parts)

    def name_of(self, column: str) -> exp.Expr:
        """A physical column; a name cannot be parted.

        Raises:
            ValueError: the name holds what Spark would replace.
        """
        if _VARIABLE.search(column):
            raise ValueError(f"Spark replaces `${{` in the name of the column `{column}`; rename it")
        return super().name_of(column)

    def nul(self) -> exp.Expr:
        """The character U+0000."""
        return call("CHAR", number(0))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text starts with another."""
        return call("STARTSWITH", text, part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text ends with another."""
        return call("ENDSWITH", text, part)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text contains another."""
        return call("CONTAINS", text, part)

    def bucket(self, key: exp.Expr, salt: exp.Expr) -> exp.Expr:
        """The first 32 bits of the hash, scaled to a million."""
        joined = self.join(self.join(salt, self.plain_text(SEPARATOR)), key)
        digits = call("SUBSTRING", call("SHA2", joined, number(256)), number(1), number(8))
        bits = cast(call("CONV", digits, number(16), number(10)), "BIGINT")
        return call("SHIFTRIGHT", binary(exp.Mul, bits, number(BUCKETS)), number(32))

    def includes(self, items: exp.Expr, value: exp.Expr) -> exp.Expr:
        """`array_contains` has the logic of the language."""
        return call("ARRAY_CONTAINS", items, value)

    def item(self, items: exp.Expr, position: int) -> exp.Expr:
        """NULL beyond the end, in ANSI mode too."""
        return call("GET", items, number(position))

    def count(self, items: exp.Expr) -> exp.Expr:
        """NULL for a NULL, also where Spark is set to say -1."""
        size = cast(call("SIZE", items), "BIGINT")
        return self.first_true([(self.is_known(items.copy()), size)], exp.null())

    def list_key(self, items: exp.Expr) -> exp.Expr:
        """As JSON, whose quotes tell items apart; Spark leaves the nulls of a list in it."""
        return call("TO_JSON", items)
