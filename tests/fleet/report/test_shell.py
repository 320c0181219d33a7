import pytest

from policy_lang.fleet.report.shell import cards, percent


@pytest.mark.parametrize(
    ("part", "total", "shown"),
    [
        (0, 0, "-"),
        (0, 9, "0.0 %"),
        (1, 10**7, "< 0.1 %"),
        (10**7 - 1, 10**7, "> 99.9 %"),
        (10**7, 10**7, "100.0 %"),
        (1, 3, "33.3 %"),
    ],
)
def test_nobody_and_everybody_are_never_rounded_to(part: int, total: int, shown: str) -> None:
    assert percent(part, total) == shown


def test_a_card_says_a_share_only_of_something() -> None:
    assert "50.0 %" in cards([("yes", "match", 1, 2)])
    assert "%" not in cards([("yes", "offers", 1, 0)])
