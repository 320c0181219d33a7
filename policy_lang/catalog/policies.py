"""The policies of a catalog: each distinct text is compiled once, however many updates share it."""

from dataclasses import replace
from typing import NamedTuple, TypeAlias

from policy_lang.catalog.findings import Findings, relocate
from policy_lang.compiler.policy import Policy
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Path_, field_name
from policy_lang.errors import PolicyError
from policy_lang.options import Options
from policy_lang.pipeline import Checked, check_policy, make_policy
from policy_lang.source import Source
from policy_lang.types.schema import Schema

_SYNTAX = "PL1"


class _Compiled(NamedTuple):
    """A policy that runs, and what it was made from."""

    policy: Policy
    checked: Checked


_Outcome: TypeAlias = _Compiled | tuple[Diagnostic, ...]


class Policies:
    """Compiles the policies of one catalog.

    Attributes:
        checked: the policies without errors, by where they stand; the same text gives the same object.
    """

    def __init__(self, findings: Findings, schema: Schema | None, options: Options) -> None:
        """Start with nothing compiled; without a schema, because it is wrong, only the syntax of policies is reported."""
        self._findings = findings
        self._schema = schema
        self._options = options
        self._outcomes: dict[str, _Outcome] = {}
        self.checked: dict[Path_, Checked] = {}

    def compile(self, text: str, path: Path_) -> Policy | None:
        """The policy that stands at a path, or None where there are findings."""
        if text not in self._outcomes:
            self._outcomes[text] = self._compile(text, path)
        outcome = self._outcomes[text]
        if isinstance(outcome, _Compiled):
            self.checked[path] = outcome.checked
            return outcome.policy
        document = self._findings.document
        source = Source(text, _name(path))
        self._findings.add_all(relocate(replace(each, source=source), path, document) for each in outcome)
        return None

    def _compile(self, text: str, path: Path_) -> _Outcome:
        try:
            checked = check_policy(Source(text, _name(path)), self._schema, self._options)
        except PolicyError as error:
            # Names and types can only be judged by a schema that is right.
            return tuple(each for each in error.diagnostics if self._schema is not None or each.code.startswith(_SYNTAX))
        return _Compiled(make_policy(checked), checked)


def _name(path: Path_) -> str:
    """What a policy inside a catalog is called."""
    return f"<{field_name(path)}>"
