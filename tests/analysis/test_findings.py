from policy_lang.analysis.findings import Linted, settle
from policy_lang.analysis.registry import RULES, rulebook
from policy_lang.analysis.suppression import find_in_policy
from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.source import Source, Span

SOURCE = Source("a\nb // allow(PL322): why", "x.policy")
SUPPRESSIONS = find_in_policy(SOURCE, [Span(4, 25)])
HERE = Diagnostic("PL322", "here", SOURCE, Label(Span(2, 3)), rule="null_comparison")
ELSEWHERE = Diagnostic("PL322", "elsewhere", SOURCE, Label(Span(0, 1)), rule="null_comparison")
OTHER = Diagnostic("PL346", "other", SOURCE, Label(Span(2, 3)), rule="yoda_condition")
NOWHERE = Diagnostic("PL322", "nowhere", rule="null_comparison")


def test_without_comments_everything_stays_in_order() -> None:
    assert settle([HERE, ELSEWHERE, HERE], [], frozenset(), rulebook(RULES)) == Linted((ELSEWHERE, HERE))


def test_a_comment_takes_the_findings_of_its_rule_on_its_line() -> None:
    linted = settle([HERE, ELSEWHERE, OTHER, NOWHERE], SUPPRESSIONS, frozenset({"PL322"}), rulebook(RULES))
    assert set(linted.findings) == {ELSEWHERE, OTHER, NOWHERE}
    assert linted.suppressed == ((HERE, "why"),)


def test_a_comment_that_does_nothing_is_a_finding_if_its_rule_ran() -> None:
    assert [each.code for each in settle([], SUPPRESSIONS, frozenset({"PL322"}), rulebook(RULES)).findings] == ["PL390"]
    assert settle([], SUPPRESSIONS, frozenset({"PL346"}), rulebook(RULES)).findings == ()
