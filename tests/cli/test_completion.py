import pytest

from policy_lang.analysis.registry import RULES
from policy_lang.analysis.selectors import codes_of
from policy_lang.cli import main
from policy_lang.cli.completion import complete_rule, complete_rules


def _completed(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a shell gets for a line whose last word is being written."""
    monkeypatch.setenv("_POLICY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"policy {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" "))))
    assert main([]) == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("rule null", ["null_comparison"]),
        ("rule PL37", ["PL370", "PL371"]),
        ("rule PL21", [f"PL21{digit}" for digit in range(10)]),
        ("lint --select missing", ["missing-data"]),
        ("lint --select PL322,yoda", ["PL322,yoda_condition"]),
        ("lint --ignore AL", ["ALL"]),
        ("lint --format sa", ["sarif"]),
        ("lint --stdin", ["--stdin-filename"]),
        ("rule zzz", []),
    ],
)
def test_values_are_completed(
    words: str, completed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _completed(words, monkeypatch, capsys) == completed


def test_every_word_that_is_offered_chooses_rules() -> None:
    offered = complete_rules("")
    assert all(codes_of(word) for word, _ in offered)
    assert {rule.title for rule in RULES} <= {title for _, title in offered}


def test_each_rule_has_its_title_beside_it() -> None:
    assert complete_rule("null_c") == [("null_comparison", "a property is compared with `null`")]
