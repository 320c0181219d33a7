import pytest
from linting import subject_of

from policy_lang.analysis.searches import search_of
from policy_lang.syntax.ast import Compare, Method


@pytest.mark.parametrize(
    ("policy", "text", "pattern", "flags", "is_negative"),
    [
        ("device.a == /^x/i", "device.a", "^x", "i", False),
        ("/^x/ != device.a", "device.a", "^x", "", True),
        ("device.a.matches(/^x/s)", "device.a", "^x", "s", False),
        (r"device.a.matches('^\\d')", "device.a", r"^\d", "", False),
    ],
)
def test_the_ways_to_write_a_search(policy: str, text: str, pattern: str, flags: str, is_negative: bool) -> None:  # noqa: FBT001  expected
    subject = subject_of(policy)
    assert isinstance(subject.tree, Compare | Method)
    search = search_of(subject.tree)
    assert search is not None
    assert subject.text_of(search.text) == text
    assert (search.pattern, search.flags, search.is_negative) == (pattern, flags, is_negative)


@pytest.mark.parametrize("policy", ["device.a == 'x'", "device.a.includes('x')", "device.a < 'x'"])
def test_what_is_no_search(policy: str) -> None:
    tree = subject_of(policy).tree
    assert isinstance(tree, Compare | Method)
    assert search_of(tree) is None
