"""A case that failed, as plain text: what was expected, what came out, and the value of every part."""

from collections.abc import Iterator

from policy_lang.testing.results import CaseResult, Check


def failure_lines(path: str, result: CaseResult) -> Iterator[str]:
    """The account of one failed case.

    Args:
        path: its file.
        result: what came out.

    Yields:
        A line with the place and the name, a difference for each thing that came out wrong, and the explanation of the policy, or
        of each candidate that was tried.
    """
    yield f"{path}:{result.location.line}:{result.location.column}: {result.name}"
    yield from difference_lines(result)
    if result.explanation is not None:
        yield from _indented(str(result.explanation), "  ")
    for tried in result.trace:
        yield f"  {tried.version}  {tried.update}: {tried.gate}"
        yield f"      {tried.detail}"
        yield from _indented(str(tried.explanation), "      ")


def difference_lines(result: CaseResult) -> Iterator[str]:
    """Two lines for each thing that came out wrong: `- expected match`, `+ got      unknown`."""
    for check in result.checks:
        if not check.is_right:
            yield f"  - expected {_what(check)}{check.expected}"
            yield f"  + got      {_what(check)}{check.got}"


def _what(check: Check) -> str:
    return "" if check.what == "result" else f"{check.what}: "


def _indented(text: str, indent: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield indent + line
