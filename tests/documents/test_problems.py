import pytest

from policy_lang.documents.problems import Problems, quote
from policy_lang.errors import CatalogError
from policy_lang.source import Source, Span


def test_the_findings_are_raised_together() -> None:
    problems = Problems(Source("abc", "a.yaml"), CatalogError)
    problems.add("PL502", "first", Span(0, 1))
    problems.add("PL502", "second", Span(1, 2))
    with pytest.raises(CatalogError) as caught:
        problems.check()
    assert [finding.message for finding in caught.value.diagnostics] == ["first", "second"]


def test_without_findings_nothing_is_raised() -> None:
    Problems(Source("abc", "a.yaml"), CatalogError).check()


def test_after_a_hundred_findings_the_rest_is_left_out() -> None:
    problems = Problems(Source("abc", "a.yaml"), CatalogError)
    for number in range(200):
        problems.add("PL502", f"finding {number}", Span(0, 1))
    assert len(problems.found) == 100


def test_a_failure_keeps_what_was_found_before() -> None:
    problems = Problems(Source("abc", "a.yaml"), CatalogError)
    problems.add("PL502", "first", Span(0, 1))
    with pytest.raises(CatalogError) as caught:
        problems.fail("PL512", "last", Span(1, 2))
    assert [finding.code for finding in caught.value.diagnostics] == ["PL502", "PL512"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "`a`"), ("x" * 41, f"`{'x' * 40}…`"), ("a\nb\té", "`a\\nb\\té`")],
)
def test_quoted_text_stays_on_one_line(text: str, expected: str) -> None:
    assert quote(text) == expected
