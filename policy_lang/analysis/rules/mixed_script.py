"""PL351: texts with letters that only look like ASCII, and with characters that are not shown at all."""

import re
from collections.abc import Iterator

from policy_lang.analysis.characters import DASHES, JOINERS, LOOK_ALIKES, ZERO_WIDTH, describe, escape, written_texts
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.source import Span
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import Expr

_WORD = re.compile(r"[^\W\d_]+")


def check(subject: PolicySubject) -> Iterator[Found]:
    """One finding for each literal and name in brackets, at the first character that is not what it seems."""
    for expr, written in written_texts(subject):
        deceptive = _deceptive(written)
        if deceptive:
            yield _found(expr, min(deceptive), subject)


def _deceptive(written: str) -> set[int]:
    return {*_look_alikes(written), *_dashes(written), *_invisible(written)}


def _look_alikes(written: str) -> Iterator[int]:
    """Look-alikes in words that hold ASCII letters too, or in texts where every other letter looks like ASCII as well."""
    is_foreign = any(char.isalpha() and not char.isascii() and char not in LOOK_ALIKES for char in written)
    for word in _WORD.finditer(written):
        if not is_foreign or any(char.isascii() for char in word[0]):
            yield from (word.start() + at for at, char in enumerate(word[0]) if char in LOOK_ALIKES)


def _dashes(written: str) -> Iterator[int]:
    """Dashes between ASCII letters or digits, where a hyphen is meant."""
    for at, char in enumerate(written):
        if char in DASHES and _is_plain(written[at - 1]) and _is_plain(written[at + 1]):
            yield at


def _invisible(written: str) -> Iterator[int]:
    """Characters of no width; joiners only beside ASCII, for other scripts need them."""
    for at, char in enumerate(written):
        if char in ZERO_WIDTH and (char not in JOINERS or written[at - 1].isascii() or written[at + 1].isascii()):
            yield at


def _is_plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _found(expr: Expr, at: int, subject: PolicySubject) -> Found:
    place = expr.span.start + at
    char, plain = subject.source.text[place], _as_ascii(subject.text_of(expr))
    likeness = "is not shown" if char in ZERO_WIDTH else f"looks like `{_as_ascii(char)}`"
    return Found(
        f"the text holds {describe(char)}, which {likeness}",
        Span(place, place + 1),
        f"write `{shorten(plain)}`; where the character is meant, write the escape `{escape(char)}`",
    )


def _as_ascii(text: str) -> str:
    """What the text seems to say."""
    return "".join("" if char in ZERO_WIDTH else "-" if char in DASHES else LOOK_ALIKES.get(char, char) for char in text)


RULE = PolicyRule(
    code="PL351",
    name="mixed_script",
    category=Category.TEXT_SAFETY,
    severity=Severity.WARNING,
    title="a text holds characters that look like others, or like nothing",
    check=check,
)
