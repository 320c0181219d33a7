"""What Spark does with a text before it parses it."""

import pytest

from policy_lang.fleet.dialects.spark import Spark


def test_variables_are_parted() -> None:
    builder = Spark()
    assert builder.sql(builder.text("a${b}$${")) == "((('a$' || '{b}$$') || '{'))".replace("((", "(", 1).replace("))", ")", 1)
    assert builder.sql(builder.text("$a{")) == "'$a{'"


def test_a_name_cannot_be_parted() -> None:
    with pytest.raises(ValueError, match="rename it"):
        Spark().name_of("a${b}")
