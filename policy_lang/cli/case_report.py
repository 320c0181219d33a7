"""What `policy test` writes: the cases that failed, and what no case covers."""

from collections.abc import Iterator, Sequence
from typing import Any

from policy_lang.cli.eval_command import explanation_lines
from policy_lang.cli.output import BAD, GOOD, QUIET, STRONG, UNSURE, Output, Styled
from policy_lang.cli.table import cut, wrap
from policy_lang.selection.model import Gate
from policy_lang.testing.account import difference_lines
from policy_lang.testing.coverage import Covered, PolicyCoverage, Share
from policy_lang.testing.results import CaseResult, FileResult, Tried

_WORDS = {True: "true", False: "false"}
_LONGEST = 60


def report_failures(result: FileResult, output: Output) -> None:
    """The cases of a file that failed: what was expected, what came out, and why."""
    for case in result.failed:
        place = f"{result.path}:{case.location.line}:{case.location.column}: "
        for number, line in enumerate(_fitting(f"{place}{case.name}", output, 2)):
            output.line(Styled(line, STRONG if number == 0 else ""))
        for line in difference_lines(case):
            for fitting in _fitting(line, output, 4):
                output.line(Styled(fitting, GOOD if line.startswith("  -") else BAD))
        for styled in _why(case, output):
            output.line(Styled(_cut(styled.text, output), styled.style))
        output.line("")


def report_coverage(covered: Sequence[PolicyCoverage], output: Output) -> None:
    """A line for each policy, and below it what no case covers."""
    for policy in covered:
        complete = all(term.is_complete for term in policy.terms)
        for line in _fitting(f"{_title(policy)}: {_figures(policy)}", output, 2):
            output.line(Styled(line, GOOD if complete else BAD))
        for line in _gaps(policy):
            for fitting in _fitting(line, output, 4):
                output.line(Styled(fitting, UNSURE))


def report_json(results: Sequence[FileResult], covered: Sequence[PolicyCoverage], output: Output) -> None:
    """An object for each case, then one for each policy."""
    for result in results:
        for case in result.cases:
            output.json({"kind": "case", "file": result.path, **case.to_plain()})
    for policy in covered:
        output.json(_plain_coverage(policy))


def _why(case: CaseResult, output: Output) -> Iterator[Styled]:
    """The value of every part of the policy, or each candidate of the catalog."""
    if case.explanation is not None:
        yield from explanation_lines(case.explanation, output.columns, "  ")
    for tried in case.trace:
        yield from _candidate(tried, output)


def _candidate(tried: Tried, output: Output) -> Iterator[Styled]:
    yield Styled(f"  {tried.version}  {tried.update}: {tried.gate}", GOOD if tried.gate is Gate.OFFERED else QUIET)
    for line in wrap(f"      {tried.detail}", output.columns, 0):
        yield Styled(line)
    yield from explanation_lines(tried.explanation, output.columns, "      ")


def _figures(policy: PolicyCoverage) -> str:
    if not policy.terms:
        return "nothing to cover"
    return f"conditions {policy.conditions.percent} %, MC/DC {policy.mcdc.percent} %"


def _gaps(policy: PolicyCoverage) -> Iterator[str]:
    """What is missing of a policy; one line says it where that is all of it."""
    if policy.terms and not policy.is_asked:
        yield "  no case asks this policy"
        return
    for term in policy.terms:
        yield from _missing(term)


def _missing(term: Covered) -> Iterator[str]:
    """What no case shows of a condition or a decision."""
    shown = cut(term.text, _LONGEST, tail=0)
    place = f"  {term.place.line}:{term.place.column}: {shown}"
    if len(term.missing) > 1:
        yield f"{place}: never true, never false"
    elif term.missing:
        yield f"{place}: never {_WORDS[term.missing[0]]}"
    elif not term.is_complete:
        yield f"{place}: {_undecided(term)}"


def _undecided(term: Covered) -> str:
    """Which half of its pair a condition lacks."""
    if not term.pair:
        return "never decides"
    (value,) = term.pair
    return f"decides where it is {_WORDS[value]}, never where it is {_WORDS[not value]}"


def _title(policy: PolicyCoverage) -> str:
    return f"{policy.file}: {policy.title}" if policy.title else policy.file


def _plain_coverage(policy: PolicyCoverage) -> dict[str, Any]:
    return {
        "kind": "coverage",
        "file": policy.file,
        "update": policy.title or None,
        "conditions": _plain_share(policy.conditions),
        "mcdc": _plain_share(policy.mcdc),
        "terms": [_plain_term(term) for term in policy.terms],
    }


def _plain_share(share: Share) -> dict[str, int]:
    return {"covered": share.done, "total": share.total, "percent": share.percent}


def _plain_term(term: Covered) -> dict[str, Any]:
    return {
        "text": term.text,
        "line": term.place.line,
        "column": term.place.column,
        "kind": "condition" if term.is_condition else "decision",
        "true": True in term.seen,
        "false": False in term.seen,
        "unknown": None in term.seen,
        "decides": {_WORDS[value]: case for value, case in term.pair.items()},
    }


def _fitting(text: str, output: Output, hanging: int) -> list[str]:
    """A sentence in lines that fit; a word that is longer than a line is cut."""
    return [_cut(line, output) for line in wrap(text, output.columns, hanging)]


def _cut(line: str, output: Output) -> str:
    return line if output.columns is None else cut(line, output.columns)
