import pytest

from policy_lang.analysis.changes.patterns import samples
from policy_lang.types.patterns import compile_pattern


@pytest.mark.parametrize(
    "source",
    [
        *("^cg[0-9]-b$", "a|b", "^(us|eu)-", "(?:x|y)+z", "(?P<name>ab){3}c", "(?<n>q)", "(?i)ABC", "(?i:x)y", "x{2,}", "a{2,5}b"),
        *(r"\d{3}", r"\w+\s\S", r"\D\W", r"\x41\x{1F600}", r"\.", r"\n\t", r"\pL\p{Greek}?", r"\101", r"\Qa.b*\E!", r"\Qrest"),
        *(
            "[^a]",
            "[^0-9A-Z_.a-z]",
            r"[\d]",
            r"[^\w]",
            "[]a]",
            "[^]]",
            "[[:alpha:]]x",
            "[a-]",
            r"[\]]",
            "a??b*?c+?",
            "^$",
            "",
            ".*",
        ),
        *(r"\bword\b", "[^a-zA-Z0-9 ._:/-]", r"^v?\d+\.\d+$", "(a(b(c)))", "x|(y|z)w"),
    ],
)
def test_a_sample_is_found(source: str) -> None:
    found = list(samples(compile_pattern(source, "")))
    assert found
    assert all(compile_pattern(source, "").search(text) for text in found)


@pytest.mark.parametrize("source", [r"a$b", r"[^\x00-\x{10FFFF}]", "x{1000}{2}"])
def test_what_nothing_fits_has_no_sample(source: str) -> None:
    try:
        pattern = compile_pattern(source, "")
    except ValueError:
        return
    assert all(pattern.search(text) for text in samples(pattern))


def test_variants_choose_alternatives() -> None:
    assert list(samples(compile_pattern("^(a|b|c)d?$", ""))) == ["a", "bd", "cd"]
