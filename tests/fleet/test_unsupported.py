"""The refusal names the operation, the place and the remedy."""

import pytest

from policy_lang import fleet
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.pipeline import compile_policy

COLUMNS = Columns((Column(("model",), "model", Storage.TEXT, is_checked=True),))


def test_a_long_part_is_cut() -> None:
    policy = compile_policy(f"device.model == /{'a.' * 40}/")
    with pytest.raises(fleet.UnsupportedError, match=r"cannot decide `device.model == /(a\.)*a?…` exactly"):
        fleet.to_sql(policy, "spark", COLUMNS)
