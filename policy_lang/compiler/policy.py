"""A policy that runs."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.explain import Explanation, explain
from policy_lang.compiler.facts import ROOTS, Facts, as_moment, as_object
from policy_lang.compiler.partial import bind
from policy_lang.options import Options
from policy_lang.source import Source
from policy_lang.types.core import Core, Fact, Has, descendants, path_text

Now: TypeAlias = datetime | str | None
"""The evaluation time: an aware datetime, RFC 3339 text, or None for unknown."""

_NOTHING: dict[str, Any] = {}
_NOT_PLAIN = (AttributeError, IndexError, TypeError)
"""What reading a root raises that is no mapping or was not given; `evaluate` then puts an empty one in its place."""


class Policy:
    """A compiled policy: immutable, and safe to share between threads.

    Devices and updates are plain mappings as JSON gives them. Evaluation never raises because of what a device sent: what is
    missing, of the wrong type or malformed is unknown, and a policy whose result is unknown does not match.
    """

    __slots__ = ("_bound", "_core", "_extra", "_roots", "_run", "canonical", "options", "source")

    def __init__(
        self,
        core: Core,
        source: Source,
        canonical: str,
        options: Options,
        roots: tuple[str, ...],
        bound: Mapping[str, Any] | None = None,
    ) -> None:
        """Compile a core; `compile_policy` is the way to get one.

        Args:
            core: what the checker made.
            source: the text it came from.
            canonical: the canonical text of the same policy.
            options: the host's options.
            roots: the names of all roots: `device`, `update`, `now`, then the host's own.
            bound: the update's metadata, where the policy is for one update only.
        """
        self.source = source
        self.canonical = canonical
        self.options = options
        self._core = core
        self._roots = roots
        self._extra = roots[len(ROOTS) :]
        self._bound = bound
        running = core if bound is None else bind(core, "update", (_NOTHING, bound, None), options, roots)
        self._run = compile_expr(running, options, roots)

    @property
    def text(self) -> str:
        """The policy as it was written."""
        return self.source.text

    @property
    def core(self) -> Core:
        """The typed core tree, for back ends."""
        return self._core

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text in hex: the same for policies that differ in blanks, comments or quotes only."""
        return sha256(self.canonical.encode()).hexdigest()

    @property
    def properties(self) -> tuple[str, ...]:
        """Every property that the policy reads, sorted: `device.region`, `update.version`."""
        return tuple(sorted({path_text(node.path) for node in descendants(self._core) if isinstance(node, Fact | Has)}))

    def __repr__(self) -> str:
        """The policy in a form for debugging."""
        return f"Policy({self.text!r})"

    def matches(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        *,
        roots: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the policy is true for a device; unknown is no match.

        Args:
            device: what the device sent.
            update: the candidate's own metadata.
            now: the evaluation time; without one everything that depends on it is unknown.
            roots: the values of the host's own roots.

        Raises:
            ValueError: `now` has no zone, or is no timestamp.

        Source: docs/spec.md, "Unknown".
        """
        if now is None:
            try:
                return self._run((device, update, None)) is True
            except _NOT_PLAIN:
                pass
        return self.evaluate(device, update, now, roots=roots) is True

    def evaluate(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        *,
        roots: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """The result of the policy for a device: true, false, or None for unknown.

        Arguments and errors are those of `matches`.
        """
        facts: Facts = (
            device if type(device) is dict else as_object(device),
            _NOTHING if update is None else update if type(update) is dict else as_object(update),
            None if now is None else as_moment(now),
        )
        if self._extra:
            facts += self._extra_facts(roots)
        result: bool | None = self._run(facts)
        return result

    def explain(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        *,
        roots: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """The result with the value of every part and the cause of every unknown.

        Arguments and errors are those of `matches`. The result is the one that `evaluate` gives.
        """
        known = self._bound if self._bound is not None else update
        facts = (as_object(device), as_object(known), as_moment(now), *self._extra_facts(roots))
        return explain(self._core, self.source, facts, self.options, self._roots)

    def bind(self, update: Mapping[str, Any]) -> "Policy":
        """The policy for one update: what does not depend on the device or the time is computed here, once.

        Args:
            update: the update's metadata; it is copied.

        Returns:
            A policy that ignores the `update` it is later given.
        """
        return Policy(self._core, self.source, self.canonical, self.options, self._roots, dict(as_object(update)))

    def _extra_facts(self, roots: Mapping[str, Any] | None) -> Facts:
        given = as_object(roots)
        return tuple(as_object(given.get(name)) for name in self._extra)
