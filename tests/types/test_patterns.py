import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.types.patterns import Simple, compile_pattern, simplify

PIECES = st.sampled_from(
    ["a", "b", "ab", "-", "|", "^", "$", "(", "(?:", ")", r"\.", r"\|", r"\$", r"\^", r"\(", r"\-", r"\/", ".", "é", " ", "us"]
)
TEXTS = st.text("ab.-|^$(é us/\n", max_size=8)
TESTS = {
    Simple.EQUALS: lambda text, part: text == part,
    Simple.STARTS_WITH: str.startswith,
    Simple.ENDS_WITH: str.endswith,
    Simple.CONTAINS: str.__contains__,
}


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=7).map("".join), st.sampled_from(["", "s"]), st.lists(TEXTS, min_size=4, max_size=8))
def test_simple_patterns_agree_with_the_engine(source: str, flags: str, texts: list[str]) -> None:
    """A pattern that is only a literal, prefix, suffix or alternation of literals becomes a string operation."""
    try:
        search = compile_pattern(source, flags).search
    except ValueError:
        return
    simple = simplify(source, flags)
    if simple is not None:
        operation, parts = simple
        for text in (*texts, *parts, *(f"a{part}b" for part in parts)):
            assert any(TESTS[operation](text, part) for part in parts) is search(text), (source, text)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("abc", (Simple.CONTAINS, ("abc",))),
        ("^abc", (Simple.STARTS_WITH, ("abc",))),
        ("abc$", (Simple.ENDS_WITH, ("abc",))),
        ("^abc$", (Simple.EQUALS, ("abc",))),
        ("^(us|eu)$", (Simple.EQUALS, ("us", "eu"))),
        ("^(?:us|eu)", (Simple.STARTS_WITH, ("us", "eu"))),
        ("us|eu", (Simple.CONTAINS, ("us", "eu"))),
        (r"1\.4\|x", (Simple.CONTAINS, ("1.4|x",))),
        ("^us|eu$", None),
        ("^us|eu", None),
        ("(us|eu)x", None),
        ("a.c", None),
        ("a+", None),
        ("[ab]", None),
        (r"\d", None),
        ("^$", None),
        ("", None),
    ],
)
def test_what_is_simple(source: str, expected: object) -> None:
    assert simplify(source, "") == expected


def test_a_pattern_that_ignores_case_needs_the_engine() -> None:
    assert simplify("abc", "i") is None
    assert compile_pattern("abc", "i").search("xABCx")


@pytest.mark.parametrize("source", ["(", "a**", "(?=a)", r"(a)\1", "[b-a]", "x{1001}", r"\q"])
def test_what_the_engine_refuses(source: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        compile_pattern(source, "")


def test_patterns_are_values() -> None:
    assert compile_pattern("a", "") == compile_pattern("a", "")
    assert compile_pattern("a", "") != compile_pattern("a", "i")
