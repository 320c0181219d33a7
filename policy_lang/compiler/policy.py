"""A policy that runs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol, TypeAlias

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.explain import Explanation, explain
from policy_lang.compiler.facts import ROOTS, Closure, Facts, as_moment, as_object
from policy_lang.compiler.partial import bind
from policy_lang.compiler.plan import Plan, Planner
from policy_lang.compiler.python import Generated, Shared, generate_evaluate, generate_matches, generate_shared
from policy_lang.optimizer.optimize import optimize
from policy_lang.options import Options
from policy_lang.source import Source
from policy_lang.types.core import Core, CoreNode, Fact, Has, descendants, path_text

Now: TypeAlias = datetime | str | None
"""The evaluation time: an aware datetime, RFC 3339 text, or None for unknown."""

_NOTHING: dict[str, Any] = {}


class Matches(Protocol):
    """The type of `Policy.matches`: a function generated for the policy."""

    def __call__(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        roots: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the policy is true for a device; unknown is no match.

        Args:
            device: what the device sent.
            update: the candidate's own metadata.
            now: the evaluation time; without one everything that depends on it is unknown.
            roots: the values of the host's own roots.

        Raises:
            ValueError: `now` has no zone, or is no timestamp; asked only where the policy may read it.

        Source: docs/spec.md, "Unknown".
        """
        ...


class Policy:
    """A compiled policy: immutable, and safe to share between threads.

    Devices and updates are plain mappings as JSON gives them. Evaluation never raises because of what a device sent: what is
    missing, of the wrong type or malformed is unknown, and a policy whose result is unknown does not match.

    Attributes:
        source: the text, and what it is called.
        canonical: the canonical text of the same policy.
        options: the host's options.
        roots: the names of the roots.
        matches: whether the policy is true for a device. It is a function of the policy's own, not a method, because a call less
            is a fifth of the time; its arguments are documented at `Matches`.
    """

    __slots__ = (
        "_bound",
        "_core",
        "_evaluate",
        "_extra",
        "_optimized",
        "_reference",
        "_running",
        "_shared",
        "canonical",
        "matches",
        "options",
        "roots",
        "source",
    )

    matches: Matches

    def __init__(
        self,
        core: Core | Callable[[], Core],
        source: Source,
        canonical: str,
        options: Options,
        roots: tuple[str, ...],
        bound: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a checked policy; `compile_policy` is the way to get one. Code is generated when it is first needed.

        Args:
            core: what the checker made, or a function that gives it when it is first needed.
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
        self.roots = roots
        self._extra = roots[len(ROOTS) :]
        self._bound = bound
        self._running: Core | None = None
        self._optimized: Core | None = None
        self._reference: Closure | None = None
        self._evaluate: Callable[..., bool | None] | None = None
        self._shared: tuple[Shared, tuple[Any, ...]] | None = None
        self.matches = self._first_match

    def warm(self) -> "Policy":
        """Generate the code of `matches` now, which the first call would do otherwise.

        Returns:
            The policy itself.
        """
        if self.matches == self._first_match:
            self.matches = self._generated().function
        return self

    def share(self) -> tuple[Shared, tuple[Any, ...]]:
        """`matches` of a bound policy as a function that policies of the same shape share, and what is this policy's own.

        Returns:
            The function, to be called with the second value, then all arguments of `matches` by position; `now` is an aware
            datetime or None.
        """
        if self._shared is None:  # kept, because an index that follows a change asks again for updates that it had
            self._shared = generate_shared(self.optimized, self.options, self.roots, self._is_true, self._extra_facts)
        return self._shared

    @property
    def core(self) -> Core:
        """The typed core tree, as the checker made it."""
        core = self._core
        if not isinstance(core, CoreNode):
            core = self._core = core()
        return core

    @property
    def text(self) -> str:
        """The policy as it was written."""
        return self.source.text

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text in hex: the same for policies that differ in blanks, comments or quotes only."""
        return sha256(self.canonical.encode()).hexdigest()

    @property
    def python(self) -> str:
        """The text of the generated function behind `matches`."""
        return self._generated().source

    def plan(self) -> tuple[Plan, list[Any]]:
        """What the generated function tests, and the constants of its tests; see `policy_lang.compiler.plan`."""
        planner = Planner(self.options, self.roots)
        return planner.test(self.optimized, True), planner.constants

    @property
    def running(self) -> Core:
        """The core that runs: bound where the policy is."""
        if self._running is None:
            core = self.core
            known = (_NOTHING, self._bound, None)
            self._running = core if self._bound is None else bind(core, "update", known, self.options, self.roots)
        return self._running

    @property
    def optimized(self) -> Core:
        """The core that code is generated from, and that the selection index reads: the one that runs, with fewer tests."""
        if self._optimized is None:
            self._optimized = optimize(self.running, self.options)
        return self._optimized

    @property
    def properties(self) -> tuple[str, ...]:
        """Every property that the policy reads, sorted: `device.region`, `update.version`."""
        return tuple(sorted({path_text(node.path) for node in descendants(self.core) if isinstance(node, Fact | Has)}))

    def __repr__(self) -> str:
        """The policy in a form for debugging."""
        return f"Policy({self.text!r})"

    def evaluate(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        roots: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """The result of the policy for a device: true, false, or None for unknown.

        Arguments and errors are those of `matches`.
        """
        if self._evaluate is None:
            generated = generate_evaluate(self.optimized, self.options, self.roots, self.evaluate_by_reference, self._extra_facts)
            self._evaluate = generated.function
        return self._evaluate(device, update, now, roots=roots)

    def evaluate_by_reference(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        roots: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """The result by the reference closures: what `evaluate` gives, more slowly; tests compare the two.

        Generated code comes here itself where a device is not as simple as it could be. Arguments and errors are those of
        `matches`.
        """
        if self._reference is None:
            self._reference = compile_expr(self.running, self.options, self.roots)
        facts = (as_object(device), as_object(update), as_moment(now), *self._extra_facts(roots))
        result: bool | None = self._reference(facts)
        return result

    def _generated(self) -> Generated:
        is_bound = self._bound is not None
        return generate_matches(self.optimized, self.options, self.roots, self._is_true, self._extra_facts, is_bound=is_bound)

    def _first_match(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        roots: Mapping[str, Any] | None = None,
    ) -> bool:
        return self.warm().matches(device, update, now, roots=roots)

    def _is_true(self, *args: Any, **keywords: Any) -> bool:
        return self.evaluate_by_reference(*args, **keywords) is True

    def explain(
        self,
        device: Mapping[str, Any],
        update: Mapping[str, Any] | None = None,
        now: Now = None,
        roots: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """The result with the value of every part and the cause of every unknown.

        Arguments and errors are those of `matches`. The result is the one that `evaluate` gives.
        """
        known = self._bound if self._bound is not None else update
        facts = (as_object(device), as_object(known), as_moment(now), *self._extra_facts(roots))
        return explain(self.core, self.source, facts, self.options, self.roots)

    def bind(self, update: Mapping[str, Any], *, lazily: bool = False) -> "Policy":
        """The policy for one update: what does not depend on the device or the time is computed once.

        Args:
            update: the update's metadata; it is copied.
            lazily: compute it when the policy is first asked, not now; a catalog of thousands loads sooner.

        Returns:
            A policy that ignores the `update` it is later given. Its `matches` takes a device at its word: of a mapping that makes
            values up when it is asked, such as a `defaultdict`, give it a `dict`.
        """
        core = self._core if isinstance(self._core, CoreNode) else self._read_core
        bound = Policy(core, self.source, self.canonical, self.options, self.roots, dict(as_object(update)))
        return bound if lazily else bound.warm()

    def _read_core(self) -> Core:
        """The core, read once for this policy and for all that are bound from it."""
        return self.core

    def _extra_facts(self, roots: Mapping[str, Any] | None) -> Facts:
        given = as_object(roots)
        return tuple(as_object(given.get(name)) for name in self._extra)
