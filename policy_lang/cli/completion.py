"""What a shell offers for values that only this program knows: codes, names and categories of rules.

The modules behind it are loaded when a shell asks.
"""

from collections.abc import Iterator


def complete_rule(incomplete: str) -> list[tuple[str, str]]:
    """The names of rules, and the codes of rules and errors, that begin so; each with what is wrong."""
    from policy_lang.analysis.registry import RULES  # noqa: PLC0415  only a shell that completes needs it
    from policy_lang.diagnostics.codes import CODES  # noqa: PLC0415  the same

    return _beginning((*((rule.name, rule.title) for rule in RULES), *CODES.items()), incomplete)


def complete_rules(incomplete: str) -> list[tuple[str, str]]:
    """Words that choose rules; of several with commas the last one is completed."""
    before, comma, word = incomplete.rpartition(",")
    return [(f"{before}{comma}{each}", title) for each, title in _beginning(tuple(_words()), word)]


def _words() -> Iterator[tuple[str, str]]:
    from policy_lang.analysis.registry import RULES  # noqa: PLC0415  only a shell that completes needs it
    from policy_lang.analysis.rule import Category  # noqa: PLC0415  the same
    from policy_lang.analysis.selectors import ALL  # noqa: PLC0415  the same

    yield ALL, "all rules"
    yield from ((category.replace(" ", "-"), "a category") for category in Category)
    for rule in RULES:
        yield from ((rule.name, rule.title), (rule.code, rule.title))


def _beginning(words: tuple[tuple[str, str], ...], incomplete: str) -> list[tuple[str, str]]:
    return [(word, title) for word, title in words if word.startswith(incomplete)]
