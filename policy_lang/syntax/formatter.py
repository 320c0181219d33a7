"""Canonical layout of a policy, comments included, proved anew each time.

A formatter must not change what a policy means. So each result is parsed again: it must have the same tree and the same comments in
the same order, and formatting it once more must not change it. Otherwise it is a fault of ours, and nothing is returned.
"""

from dataclasses import replace

from policy_lang.errors import PolicySyntaxError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source
from policy_lang.syntax.blocks import Blocks
from policy_lang.syntax.layout import render
from policy_lang.syntax.notes import attach
from policy_lang.syntax.parser import Comment, Parsed, parse

DEFAULT_WIDTH = 88
"""How long a line may be, in code points."""

UNBOUNDED = 1_000_000
"""A width that every policy fits into."""

_LIMITS = frozenset({"PL120", "PL121", "PL122"})


class FormatterFaultError(RuntimeError):
    """The formatter would have changed the meaning of a policy, or lost a comment; the fault is ours."""


def format_policy(text: str, *, width: int = DEFAULT_WIDTH, options: Options = DEFAULT_OPTIONS, name: str = "<policy>") -> str:
    r"""A policy in its canonical layout.

    Args:
        text: the policy.
        width: how long a line may be, in code points; comments, texts and comparisons are never broken.
        options: the limits.
        name: what findings call the policy.

    Returns:
        A policy with the same tree and the same comments. Lines end in `\n`; the last one does if the last of `text` does.

    Raises:
        PolicySyntaxError: the text is not a policy, or would be over a limit in its canonical layout.
        FormatterFaultError: the result is not the same policy, through a fault of ours.

    Source: docs/format.md.

    >>> format_policy("device.version<update.version&&(device.pro===true)")
    'device.version < update.version && device.pro == true'
    """
    parsed = _parse(text.replace("\r\n", "\n"), name, options)
    written = _within_limits(parsed, width, options)
    return written + "\n" if parsed.source.text.endswith("\n") else written


def _parse(text: str, name: str, options: Options) -> Parsed:
    parsed = parse(Source(text, name), options)
    if parsed.mistakes:
        raise PolicySyntaxError(parsed.mistakes)
    return parsed


def _within_limits(parsed: Parsed, width: int, options: Options) -> str:
    """The canonical text; near the limits of length and nesting, with fewer line ends and parentheses."""
    over: PolicySyntaxError | None = None
    for columns, is_clear in ((width, True), (UNBOUNDED, False)):
        written = _layout(parsed, columns, is_clear=is_clear)
        if written == parsed.source.text.removesuffix("\n"):  # nothing is left to prove
            return written
        try:
            again = parse(Source(written, parsed.source.name), options)
        except PolicySyntaxError as error:
            over = error
            continue
        _check(parsed, again)
        if _layout(again, columns, is_clear=is_clear) != written:
            raise FormatterFaultError("formatting the policy once more changes it")
        return written
    raise _too_long(parsed, over)


def _layout(parsed: Parsed, width: int, *, is_clear: bool) -> str:
    return render(Blocks(attach(parsed), is_clear=is_clear).policy(parsed.tree), width)


def _check(parsed: Parsed, again: Parsed) -> None:
    """Prove that two texts are the same policy with the same comments."""
    if again.mistakes or again.tree != parsed.tree:
        raise FormatterFaultError("formatting the policy changes its meaning")
    if list(map(_words, again.comments)) != list(map(_words, parsed.comments)):
        raise FormatterFaultError("formatting the policy changes its comments")


def _words(comment: Comment) -> list[str]:
    """What a comment says; its lines may move."""
    return [line.strip() for line in comment.text.split("\n")]


def _too_long(parsed: Parsed, over: PolicySyntaxError | None) -> PolicySyntaxError | FormatterFaultError:
    """A policy that is over a limit once it is formatted is a finding; that it does not parse is a fault."""
    findings = [] if over is None else [each for each in over.diagnostics if each.code in _LIMITS]
    if not findings:
        return FormatterFaultError("the formatted policy does not parse")
    return PolicySyntaxError(replace(each, message=f"formatted, {each.message}", source=parsed.source) for each in findings)
