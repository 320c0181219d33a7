"""Observing a policy while its cases run."""

from collections.abc import Callable

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.facts import Facts
from policy_lang.compiler.policy import Policy
from policy_lang.documents.model import Document, Path_
from policy_lang.source import Location, Span
from policy_lang.testing.certain import open_core
from policy_lang.testing.conditions import Probe
from policy_lang.testing.coverage import Measured
from policy_lang.testing.model import Suite
from policy_lang.types.core import Core

_Places = Callable[[Span], Location]


class Meter:
    """Observes one policy; `measured` fills while cases run."""

    def __init__(self, policy: Policy, core: Core, file: str, title: str, place: _Places) -> None:
        """Find the decisions of a policy, and where they are written."""
        self._probe = Probe(core, policy.source, policy.options, policy.roots)
        spans = {term.span for decision in self._probe.decisions for term in decision.descendants()}
        self.measured = Measured(file, title, self._probe.decisions, {span: place(span) for span in spans})

    def note(self, facts: Facts, case: str) -> None:
        """Observe the policy on the facts of a case."""
        self.measured.observations.setdefault(self._probe.observe(facts), case)


def policy_meter(suite: Suite, policy: Policy) -> Meter:
    """The meter of the one policy of a test file."""
    source, document = policy.source, suite.document
    is_inline = suite.name == document.source.name
    place = _inside(document, ("expression",)) if is_inline else lambda span: source.location(span.start)
    return Meter(policy, policy.core, suite.name, "", place)


def catalog_meters(suite: Suite, catalog: Catalog) -> dict[str, Meter]:
    """The meters of a catalog by the ids of its updates; a paused update has none, because its policy is never asked."""
    return {
        update.id: Meter(
            update.policy, open_core(update), suite.name, update.id, _inside(catalog.document, ("updates", index, "policy"))
        )
        for index, update in enumerate(catalog)
        if not update.is_paused
    }


def _inside(document: Document | None, path: Path_) -> _Places:
    """Where a part of a policy stands in the document that the policy is written in."""
    if document is None:
        return lambda span: Location(1, span.start + 1)
    offsets, source = document.text_offsets(path), document.source
    start = document.span(path).start
    return lambda span: source.location(start if offsets is None else offsets[span.start])
