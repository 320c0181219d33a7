"""Deciding whether a case passes: what it expects, beside what the policy or the catalog says."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.explain import Explanation
from policy_lang.compiler.policy import Policy
from policy_lang.rollout.ledger import Grant, Limits, MemoryLedger
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Gate
from policy_lang.testing.coverage import Measured
from policy_lang.testing.meter import catalog_meters, policy_meter
from policy_lang.testing.model import NOTHING, Case, Suite, Verdict
from policy_lang.testing.results import CaseResult, Check, Tried

_BEFORE_POLICY = frozenset({Gate.PAUSED, Gate.NO_TIME, Gate.NOT_STARTED, Gate.ENDED})
_NOT_TRIED = "not tried"


class Judge(Protocol):
    """Judges the cases of one test file."""

    def judge(self, case: Case) -> CaseResult:
        """Run a case; nothing is raised, whatever the device."""
        ...

    def measured(self) -> tuple[Measured, ...]:
        """What the cases showed so far; empty where nothing is measured."""
        ...


class EmptyLedger:
    """A ledger that forgets: each request finds it without any grant."""

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What the first device of all gets."""
        return MemoryLedger().grant(update_id, device_id, limits, now)

    def peek(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """The same."""
        return self.grant(update_id, device_id, limits, now)


class PolicyJudge:
    """Judges the cases of one policy."""

    def __init__(self, suite: Suite, policy: Policy, *, measure: bool) -> None:
        """Compile what is needed for all cases."""
        self._suite = suite
        self._policy = policy
        self._meter = policy_meter(suite, policy) if measure else None

    def judge(self, case: Case) -> CaseResult:
        """Evaluate the policy as a service does; only a failure, or an unknown with a cause, is explained."""
        got = Verdict.of(self._policy.evaluate(case.device, case.update, case.now))
        checks = [Check("result", case.expect, str(got), got == case.expect)]
        explanation = self._explain(case) if case.cause is not None or not checks[0].is_right else None
        if explanation is not None and case.cause is not None:
            causes = list(dict.fromkeys(cause.path or cause.detail for cause in explanation.causes))
            checks.append(Check("cause", case.cause, ", ".join(causes) or "none", case.cause in causes))
        if self._meter is not None:
            self._meter.note((case.device, case.update, case.now), case.name)
        has_passed = all(check.is_right for check in checks)
        shown = None if has_passed else explanation
        return CaseResult(case.name, case.field, self._suite.location(case), tuple(checks), shown)

    def measured(self) -> tuple[Measured, ...]:
        """What the cases showed so far."""
        return () if self._meter is None else (self._meter.measured,)

    def _explain(self, case: Case) -> Explanation:
        return self._policy.explain(case.device, case.update, case.now)


class CatalogJudge:
    """Judges the cases of one catalog. Each finds the ledger empty, so that no case depends on another."""

    def __init__(self, suite: Suite, catalog: Catalog, *, measure: bool) -> None:
        """Prepare the selector once, for all cases."""
        self._suite = suite
        self._selector = Selector(catalog, EmptyLedger())
        self._meters = catalog_meters(suite, catalog) if measure else {}

    def judge(self, case: Case) -> CaseResult:
        """Select an update as a service does, and look at the trace where the case or the coverage asks for it."""
        decision = self._selector.select(case.device, case.now)
        checks = (_selected(case, decision), *_gates(case, decision))
        if self._meters:
            self._measure(case, decision)
        has_passed = all(check.is_right for check in checks)
        trace = () if has_passed else tuple(_tried(decision))
        return CaseResult(case.name, case.field, self._suite.location(case), checks, None, trace)

    def measured(self) -> tuple[Measured, ...]:
        """What the cases showed so far."""
        return tuple(meter.measured for meter in self._meters.values())

    def _measure(self, case: Case, decision: Decision) -> None:
        """Observe the policies that the decision asked; what was stopped before its policy shows nothing of it."""
        for step in decision.trace:
            if step.gate not in _BEFORE_POLICY:
                self._meters[step.update.id].note((case.device, {}, case.now), case.name)


def judge_of(suite: Suite, *, measure: bool) -> Judge:
    """The judge for a test file."""
    if isinstance(suite.subject, Policy):
        return PolicyJudge(suite, suite.subject, measure=measure)
    return CatalogJudge(suite, suite.subject, measure=measure)


def _selected(case: Case, decision: Decision) -> Check:
    got = str(decision.reason) if decision.update is None else decision.update.id
    is_right = got == case.expect or (case.expect == NOTHING and decision.update is None)
    return Check("result", case.expect, got, is_right)


def _gates(case: Case, decision: Decision) -> Iterator[Check]:
    """What stopped the updates that the case speaks of."""
    if case.gates:
        found = {step.update.id: str(step.gate) for step in decision.trace}
        for name, gate in case.gates.items():
            got = found.get(name, _NOT_TRIED)
            yield Check(f"gate of {name}", str(gate), got, got == gate)


def _tried(decision: Decision) -> Iterator[Tried]:
    for step in decision.trace:
        yield Tried(step.update.id, str(step.update.version), step.gate, step.detail, step.explanation)
