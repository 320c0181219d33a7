import pytest

from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.rules import null_comparison, suppression_without_reason

RULES = (null_comparison.RULE, suppression_without_reason.RULE)


@pytest.mark.parametrize(
    "comment", ["allow(PL322)", "allow(PL322):", "allow(PL322): ", "allow(PL322) because", "allow(PL322) so: x"]
)
@pytest.mark.parametrize("marks", ["// {}", "/* {} */", "/*{}*/"])
def test_a_comment_without_a_reason(comment: str, marks: str) -> None:
    (found,) = lint_policy(f"device.a == null {marks.format(comment)}", rules=RULES)
    assert (found.code, found.message) == ("PL391", "nothing says why `PL322` is allowed")
    assert found.help == "write the reason after a colon: `allow(PL322): …`"


@pytest.mark.parametrize("marks", ["// {}", "/* {} */", "/*{}*/"])
def test_a_comment_with_a_reason(marks: str) -> None:
    assert lint_policy(f"device.a == null {marks.format('allow(PL322): as agreed')}", rules=RULES) == []


def test_a_comment_that_names_nothing() -> None:
    (found,) = lint_policy("true // allow()", rules=RULES)
    assert found.message == "nothing says why this is allowed"


@pytest.mark.parametrize("comment", ["// allowed(PL322)", "// we allow(PL322)", "// allow PL322", "// allow(PL322"])
def test_other_comments(comment: str) -> None:
    assert lint_policy(f"device.a {comment}", rules=RULES) == []
