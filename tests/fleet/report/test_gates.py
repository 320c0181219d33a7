from decimal import Decimal

import pytest

from policy_lang.fleet.report.gates import MEASURES, Gate, GateError

FIGURES = dict.fromkeys(MEASURES, 0) | {"lost": 1, "changed": 334}


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("lost>0", True),
        (" lost >= 1 ", True),
        ("lost>1", False),
        ("lost<1", False),
        ("lost<=1", True),
        ("lost==1", True),
        ("lost!=1", False),
        ("gained>0", False),
        ("changed>33.4%", False),
        ("changed>=33.4%", True),
        ("changed > 33.399999999 %", True),
        ("unknown==0", True),
    ],
)
def test_a_gate_fails_where_it_holds(text: str, fails: bool) -> None:  # noqa: FBT001  a parameter of the test
    assert Gate.parse(text).fails(FIGURES, 1000) is fails


def test_percents_of_an_empty_fleet_are_zero() -> None:
    gate = Gate.parse("matched<50%")
    assert gate.fails(dict.fromkeys(MEASURES, 0), 0)
    assert str(gate) == "matched<50%"
    assert gate == Gate("matched", "<", Decimal(50), is_percent=True)


@pytest.mark.parametrize(
    "text", ["", "lost", "lost>", "lost>-1", "lost>1%%", "lost>1e3", "lost=1", "lost>1; true", "lost>\u0661", "lost>" + "1" * 99]
)
def test_what_is_no_gate_is_refused(text: str) -> None:
    with pytest.raises(GateError, match="is not a gate") as caught:
        Gate.parse(text)
    assert "lost>0" in caught.value.remedy


def test_an_unknown_measure_gets_a_suggestion() -> None:
    with pytest.raises(GateError, match="`losst` is nothing that a gate can ask for") as caught:
        Gate.parse("losst>0")
    assert caught.value.remedy == "did you mean `lost`?"
    with pytest.raises(GateError) as other:
        Gate.parse("zzzzzzzz>0")
    assert other.value.remedy.startswith("one of `gained`, ")
