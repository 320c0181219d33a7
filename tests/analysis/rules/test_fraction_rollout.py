import pytest
from linting import findings, marked

from policy_lang.analysis.rules.fraction_rollout import RULE


@pytest.mark.parametrize(
    ("percent", "buckets", "meant"), [("0.1", 1000, "10"), ("0.05", 500, "5"), (".5", 5000, "50"), ("0.0001", 1, "0.01")]
)
def test_a_percent_below_one(percent: str, buckets: int, meant: str) -> None:
    text = f"device.pro == true || rollout({percent})"
    (found,) = findings(RULE, text)
    assert marked(RULE, text) == [percent]
    assert found.message == f"`rollout({percent})` admits {buckets} of a million devices"
    assert found.help == f"`rollout` counts in hundredths: write `rollout({meant})` if the fraction is meant"


@pytest.mark.parametrize(
    "text", ["rollout(0)", "rollout(1)", "rollout(1.5)", "rollout(100)", "has(device.pro)", "number('0.1') < 1"]
)
def test_what_is_fine(text: str) -> None:
    assert findings(RULE, text) == []
