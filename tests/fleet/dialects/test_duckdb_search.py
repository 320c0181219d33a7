"""DuckDB's regular expressions are those of the language, to the last odd character."""

from random import Random

import duckdb
import pytest
from sqlglot import exp
from strategies import PATTERNS, TEXTS

from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.types.patterns import compile_pattern

_WRITTEN = [pattern.rpartition("/")[0][1:] for pattern in PATTERNS]
_ODD = (
    *(
        "a.b",
        "^a",
        "b$",
        "A$",
        r"^\d+$",
        r"\w",
        r"\s",
        r"\bfoo\b",
        "[[:alpha:]]",
        r"\pL",
        "(?i)stra",
        "(?s)a.b",
        "(?m)^b$",
        r"\x41",
        "é",
    ),
    *(
        "[^a]",
        "$",
        "^",
        r"\A",
        r"\z",
        r"\Q.\E",
        "a{2,3}",
        "(?U)a+",
        r"[^\n]",
        r"\x{1F600}",
        "K",
        "(?i)K",
        "(?i)ß",
        "(?i)\u017f",
        "a|b",
        "a||b",
    ),
    *("'", '"', "--", r"\\", "%", "_", "\0", "x?", "(a)(b)", "(?P<n>a)"),
)
_TEXTS = (
    *TEXTS,
    *(
        "a\nb",
        "A\n",
        "b\na",
        "a\nb\n",
        "123",
        "\u0661\u0662",
        "foo bar",
        "foo",
        "STRASSE",
        "axb",
        "\0",
        "a\0b",
        "😀",
        "\u212a",
        "\u017f",
        "\r",
    ),
    *("\u2028", "a.b", ".", "aa", "aaa", "\t", "'", '"', "--", "\\", "%", "_", "X", "\u00a0", "\ufeff", "e\u0301"),
)


@pytest.mark.parametrize("flags", ["", "i", "s", "is"])
def test_the_engine_finds_what_the_language_finds(flags: str) -> None:
    random = Random(7)  # noqa: S311  test data
    texts = [*_TEXTS, *("".join(random.choices("aAbBX1\n.é-ß\u017f\0", k=random.randrange(6))) for _ in range(300))]
    connection = duckdb.connect()
    connection.execute("CREATE TABLE texts (place INTEGER, t TEXT)")
    connection.executemany("INSERT INTO texts VALUES (?, ?)", list(enumerate(texts)))
    for source in dict.fromkeys((*_WRITTEN, *_ODD)):
        search = compile_pattern(source, flags).search
        sql = DuckDb().search(exp.column("t"), source, flags).sql("duckdb")
        found = [bool(each) for (each,) in connection.execute(f"SELECT {sql} FROM texts ORDER BY place").fetchall()]  # noqa: S608  of our own
        assert found == [search(text) for text in texts], source
    connection.close()
