"""`policy rule`: the page of a code, or the table of all rules."""

from dataclasses import dataclass
from typing import Any

from policy_lang.analysis.pages import Page, find_page
from policy_lang.analysis.registry import RULES, RULES_BY_CODE, RULES_BY_NAME
from policy_lang.analysis.rule import Rule
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.output import Format, Output, standard_output
from policy_lang.cli.table import Table
from policy_lang.diagnostics.codes import CODES
from policy_lang.diagnostics.model import Severity
from policy_lang.documents.problems import quote
from policy_lang.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class RuleRequest:
    """What was asked; the fields are the arguments of the command."""

    word: str | None
    format: Format


def run_rule(request: RuleRequest) -> ExitCode:
    """Show what was asked."""
    output = standard_output()
    if request.word is None:
        _list(output, request.format)
    else:
        _show(output, _page(request.word), request.format)
    return ExitCode.FINE


def _page(word: str) -> Page:
    page = find_page(word)
    if page is None:
        near = did_you_mean(word, (*RULES_BY_NAME, *CODES))
        raise MisuseError(f"{quote(word)} is neither a code nor a rule", near or "`policy rule` lists all rules")
    return page


def _list(output: Output, format_: Format) -> None:
    if format_ is Format.JSON:
        for rule in RULES:
            output.json(_plain(rule))
        return
    table = Table(output, ("code", "name", "severity", "fix", "title"), wraps=True)
    for rule in RULES:
        table.add((rule.code, rule.name, rule.severity, "yes" if rule.is_fixable else "no", rule.title))
    table.close()


def _show(output: Output, page: Page, format_: Format) -> None:
    if format_ is Format.JSON:
        rule = RULES_BY_CODE.get(page.code)
        output.json({**(_error(page.code) if rule is None else _plain(rule)), "page": page.text})
    elif output.is_terminal:
        output.markdown(page.text)
    else:
        output.text(page.text)


def _plain(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "category": rule.category,
        "severity": rule.severity,
        "fixable": rule.is_fixable,
        "title": rule.title,
    }


def _error(code: str) -> dict[str, Any]:
    """The same for what is no rule: errors have no name, and nobody chooses them."""
    return {"code": code, "name": None, "category": None, "severity": Severity.ERROR, "fixable": False, "title": CODES[code]}
