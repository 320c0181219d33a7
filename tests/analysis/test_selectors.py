import pytest

from policy_lang.analysis.registry import RULES
from policy_lang.analysis.rule import Category
from policy_lang.analysis.selectors import UnknownSelectorError, choose, codes_of
from policy_lang.diagnostics.model import Severity

ALL = {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ALL", ALL),
        ("all", ALL),
        ("PL", ALL),
        ("PL3", ALL),
        ("pl322", {"PL322"}),
        (" null_comparison ", {"PL322"}),
        ("PL39", {"PL390", "PL391", "PL392"}),
        *((str(category), {rule.code for rule in RULES if rule.category is category}) for category in Category),
        ("Missing-Data", {rule.code for rule in RULES if rule.category is Category.MISSING_DATA}),
        ("missing_data", {rule.code for rule in RULES if rule.category is Category.MISSING_DATA}),
    ],
)
def test_words(word: str, expected: set[str]) -> None:
    assert codes_of(word) == expected


@pytest.mark.parametrize(
    ("word", "message", "remedy"),
    [
        ("null_comparisn", "`null_comparisn` chooses no rule", "did you mean `null_comparison`?"),
        ("PL203", "`PL203` is an error, not a rule", "errors are always reported; choose among the rules"),
        ("PL3222", "`PL3222` chooses no rule", "did you mean `PL322`?"),
        (
            "",
            "`` chooses no rule",
            "write a code, its beginning, a name, a category or `ALL`; `policy rule` lists all rules",
        ),
        (
            "zzzz",
            "`zzzz` chooses no rule",
            "write a code, its beginning, a name, a category or `ALL`; `policy rule` lists all rules",
        ),
    ],
)
def test_what_chooses_nothing(word: str, message: str, remedy: str) -> None:
    with pytest.raises(UnknownSelectorError) as caught:
        codes_of(word)
    assert (caught.value.message, caught.value.remedy) == (message, remedy)


def test_ignoring_wins_and_the_order_stays() -> None:
    assert choose(["ALL"]) == RULES
    assert [rule.code for rule in choose(["PL39", "null_comparison"], ["PL391"])] == ["PL322", "PL390", "PL392"]
    assert choose([]) == ()


def test_other_severities() -> None:
    (rule,) = choose(["PL322"], severity={"PL322": Severity.ERROR, "PL346": Severity.ERROR})
    assert rule.severity is Severity.ERROR
