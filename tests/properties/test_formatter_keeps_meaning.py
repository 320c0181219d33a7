"""Formatting a policy keeps its meaning and its comments, and formatting it once more changes nothing (docs/format.md)."""

import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS, policies

from policy_lang.source import Source
from policy_lang.syntax.formatter import format_policy
from policy_lang.syntax.parser import Parsed, parse

BATCH = 20
BATCHES = 250
"""250 examples of 20 policies each are 5,000, and much quicker than as many examples."""

TOKEN = re.compile(
    r"""'[^']*'|"[^"]*"|/(?:[^/[ ]|\[[^]]*\])+/[is]*(?=[)])|/(?:[^/[ ]|\[[^]]*\])+/[is]*(?= [!=]=)|[0-9][\w.]*|\w+"""
    r"""|[=!]==|[$^]!?=|[<>=!]=|><|<>|<<|>>|&&|\|\||\?\?|\S"""
)
BLANKS = ("", " ", "  ", "\n", "\r\n", "\n\n\n", "\t")
COMMENTS = (
    *("// c", "// c  \n", "\n// c\n", "\n\n// c\n\n", "//\n", "// /* c\n", "// allow(null_comparison): c\n"),
    *("/* c */", " /* c */ ", "/* c */ /* d */", "/**/", "/* // c */", "\n/* c */\n", "\n\n\n/* c */"),
    *("/* c\n   d */", "\n    /* c\n     * d\n     */\n", "/*\n\n\tc  \n*/ ", "/* c */ // d", "/* c\r\n d */"),
)
WIDTHS = (20, 40, 88, 1000)


def scatter(policy: str, random: Random) -> str:
    """A policy with other blanks, line ends and comments between its tokens."""
    rate = random.choice((0.0, 0.05, 0.3))
    written: list[str] = []
    for token in TOKEN.findall(policy):
        blank = random.choice(BLANKS)
        if blank == "" and (token[0].isalnum() or token[0] in "_+-."):
            blank = " "
        while random.random() < rate:
            comment = random.choice(COMMENTS)
            blank += comment + ("\n" if "//" in comment and "\n" not in comment else "") + random.choice(BLANKS)
        written += [blank or " " if written and written[-1] not in "([" else blank, token]
    return "".join(written) + random.choice(("", "\n", " // last", "\n/* last */"))


def words(parsed: Parsed) -> list[list[str]]:
    """The comments of a policy; their lines may move."""
    return [[line.strip() for line in comment.text.split("\n")] for comment in parsed.comments]


@settings(max_examples=BATCHES, deadline=None)
@given(st.lists(policies(), min_size=BATCH, max_size=BATCH), SEEDS)
def test_formatting_keeps_meaning_and_comments(texts: list[str], seed: int) -> None:
    random = Random(seed)  # noqa: S311  test data
    for policy in texts:
        text = scatter(policy, random)
        width = random.choice(WIDTHS)
        before = parse(Source(text))
        formatted = format_policy(text, width=width)
        after = parse(Source(formatted))
        assert not before.mistakes + after.mistakes
        assert after.tree == before.tree
        assert words(after) == words(before)
        assert format_policy(formatted, width=width) == formatted
        assert not re.search(r"[ \t]$|\n\n\n|\r", re.sub(r"/\*.*?\*/", "/**/", formatted, flags=re.DOTALL), re.MULTILINE)
