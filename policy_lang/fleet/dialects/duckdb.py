"""DuckDB: the engine that the library brings along; everything of the language that engines do at all, it does exactly."""

from sqlglot import exp

from policy_lang.fleet.builder import Operation
from policy_lang.fleet.dialects.base import EVERYTHING, SEPARATOR, SqlBuilder, binary, call, cast, number
from policy_lang.rollout.bucket import BUCKETS


class DuckDb(SqlBuilder):
    """DuckDB's SQL; texts compare by their bytes, which is by code point."""

    dialect = "duckdb"
    name = "DuckDB"
    can = EVERYTHING | {Operation.SEARCH}
    most_written = 16
    is_columnar = True

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text ends with another."""
        return call("SUFFIX", text, part)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text contains another."""
        return call("CONTAINS", text, part)

    def search(self, text: exp.Expr, pattern: str, flags: str) -> exp.Expr:
        """DuckDB searches with RE2, the language's own engine; the flags go into the pattern, whose meaning they share."""
        wrapped = f"(?{flags}:{pattern})" if flags else pattern
        return call("REGEXP_MATCHES", text, self.text(wrapped))

    def bytes_of(self, text: exp.Expr) -> exp.Expr:
        """How many bytes of UTF-8."""
        return call("STRLEN", text)

    def bucket(self, key: exp.Expr, salt: exp.Expr) -> exp.Expr:
        """The first 32 bits of the hash, scaled to a million."""
        joined = self.join(self.join(salt, self.plain_text(SEPARATOR)), key)
        digits = call("LEFT", call("SHA256", joined), number(8))
        bits = cast(self.join(exp.Literal.string("0x"), digits), "BIGINT")
        return binary(exp.BitwiseRightShift, binary(exp.Mul, bits, number(BUCKETS)), number(32))

    def includes(self, items: exp.Expr, value: exp.Expr) -> exp.Expr:
        """A list with a NULL in it gives NULL where the value is not found, and so does every list where the value is NULL."""
        contains = call("LIST_CONTAINS", items, value)
        found = self.first_true([(self.is_known(value.copy()), contains)], exp.null())
        has_null = binary(exp.LT, call("LIST_COUNT", items.copy()), call("LEN", items.copy()))
        not_found = self.first_true([(has_null, exp.null())], exp.false())
        return self.choose(found, exp.true(), not_found)

    def item(self, items: exp.Expr, position: int) -> exp.Expr:
        """Positions count from 1."""
        return call("LIST_EXTRACT", items, number(position + 1))

    def count(self, items: exp.Expr) -> exp.Expr:
        """How many items."""
        return call("LEN", items)

    def list_key(self, items: exp.Expr) -> exp.Expr:
        """As JSON, whose quotes tell items apart."""
        return cast(call("TO_JSON", items), "TEXT")
