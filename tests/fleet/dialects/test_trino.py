"""Trino's text; no Trino runs here, so its words are compared with its documentation's."""

import pytest
from hostile import COLUMNS, SCHEMA

from policy_lang import fleet
from policy_lang.pipeline import compile_policy


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("device.model ^= 'X'", """STARTS_WITH("model", 'X')"""),
        ("device.model >< 'X'", """(STRPOS("model", 'X') > 0)"""),
        ("device.tags[0] == 'a'", """(ELEMENT_AT("tags", 1) = 'a')"""),
        ("'a' in device.tags", """CONTAINS("tags", 'a')"""),
        ("(device.flags ^ 1) == device.slots.length", "BITWISE_XOR"),
        ("device.model $= 'X'", "GREATEST"),
        ("bucket(device.id, 'x') < 5", "FROM_BASE(SUBSTR(TO_HEX(SHA256(TO_UTF8("),
        (r"device.model == 'a\u0000'", "CHR(0)"),
    ],
)
def test_text(text: str, sql: str) -> None:
    assert sql in fleet.to_sql(compile_policy(text, schema=SCHEMA), "trino", COLUMNS)
