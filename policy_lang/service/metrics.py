"""What Prometheus reads: check-ins, decisions by update and reason, limits, reports, and how long an answer took.

The work of a check-in is a few additions: the counter of each label set is looked up in a table of ours, not in the library's.
Where several workers answer, each writes its numbers to a file of its own and any of them can add them up, as the library's
multiprocess mode does; `policy serve` sets that up.
"""

import os
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder of the workers' files; it has to be set before this module is imported."""

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The numbers of one process.

    Attributes:
        recorded: audit rows of decisions, by what became of them: `written`, `dropped`, `failed`.
        refreshes: how the questions for changes ended: `same`, `changed`, `failed`.
        database_errors: requests that the database did not answer.
    """

    def __init__(self) -> None:
        """Begin with zero."""
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests of devices, by kind and status.", ("kind", "status"))
        self._decisions = self._counter("decisions", "Decisions, by update and reason.", ("product", "update", "reason"))
        self._limited = self._counter("limited", "Devices held back by a limit or a missing id.", ("update", "gate"))
        self._reports = self._counter("reports", "Reports of devices.", ("product", "update", "success"))
        self.recorded = self._counter("audit_rows", "Audit rows of decisions, by what became of them.", ("outcome",))
        self.refreshes = self._counter("refreshes", "Questions for changes, by outcome.", ("outcome",))
        self.database_errors = self._counter("database_errors", "Requests that the database did not answer.", ("kind",))
        self._seconds = Histogram(
            "policy_request_seconds", "How long an answer took.", ("kind",), registry=self._registry, buckets=_BUCKETS
        )
        self._children: dict[tuple[str, ...], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def answered(self, kind: str, status: int, seconds: float) -> None:
        """Count an answer, and how long it took."""
        self._child(self._requests, "requests", kind, str(status)).inc()
        timer = self._timers.get(kind)
        if timer is None:
            timer = self._timers[kind] = self._seconds.labels(kind)
        timer.observe(seconds)

    def decided(self, product: str, update: str, reason: str) -> None:
        """Count a decision; the update is empty where the device gets none."""
        self._child(self._decisions, "decisions", product, update, reason).inc()

    def limited(self, update: str, gate: str) -> None:
        """Count a device that a ledger held back."""
        self._child(self._limited, "limited", update, gate).inc()

    def reported(self, product: str, update: str, *, success: bool) -> None:
        """Count a report."""
        self._child(self._reports, "reports", product, update, "true" if success else "false").inc()

    def add(self, collector: Collector) -> None:
        """Ask one more source whenever somebody reads."""
        self._registry.register(collector)

    def render(self, more: Iterable[Collector] = ()) -> bytes:
        """All numbers of all workers in the text format.

        Args:
            more: sources that are asked this time.
        """
        registry = self._registry
        if os.environ.get(SHARED_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it out
        text = generate_latest(registry)
        for collector in more:
            asked = CollectorRegistry()
            asked.register(collector)
            text += generate_latest(asked)
        return text

    def _counter(self, name: str, meaning: str, labels: tuple[str, ...]) -> Counter:
        """A counter named `policy_NAME_total`."""
        return Counter(f"policy_{name}", meaning, labels, registry=self._registry)

    def _child(self, counter: Counter, *key: str) -> Counter:
        """The counter of a label set; `key` begins with the name of the counter."""
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = counter.labels(*key[1:])
        return child
