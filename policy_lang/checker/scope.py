"""What a policy speaks of while it is checked: roots, properties, what was learned of each expression, and the findings."""

from collections.abc import Callable
from typing import Any

from policy_lang.checker.slots import Network, Slot
from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.options import Options
from policy_lang.source import Source, Span, on_one_line
from policy_lang.suggest import nearest, shorten
from policy_lang.syntax.ast import Expr, Index, Integer, Member, Name, Text
from policy_lang.types.core import Path, path_text
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.functions.table import rows
from policy_lang.types.model import ANYTHING, Type
from policy_lang.types.schema import Schema


class Scope:
    """The state of one check.

    Attributes:
        source: the policy.
        schema: what the host declares.
        options: the host's limits.
        network: the slots and their relations.
        findings: what is wrong so far.
        slots: the slot of each expression, by the identity of its node.
        rows: the rows that a node may mean: an operator, a call, a member.
        values: what a literal means, where it is not the literal itself.
        pending: asked before each choice of a type; one that answers true is done.
    """

    def __init__(self, source: Source, schema: Schema, options: Options) -> None:
        """Start a check."""
        self.source = source
        self.schema = schema
        self.options = options
        self.network = Network()
        self.findings: list[Diagnostic] = []
        self.slots: dict[int, Slot] = {}
        self.rows: dict[int, tuple[Function, ...]] = {}
        self.values: dict[int, Any] = {}
        self.pending: list[Callable[[], bool]] = []
        self._roots: dict[str, Slot] = {}

    def report(
        self, code: str, message: str, span: Span, help_: str | None = None, text: str = "", related: tuple[Label, ...] = ()
    ) -> None:
        """Report a finding."""
        self.findings.append(Diagnostic(code, message, self.source, Label(span, text), related, help_))

    def poison(self) -> Slot:
        """The slot of an expression about which something was reported: nothing more needs to be said."""
        slot = self.network.slot()
        slot.is_poisoned = True
        return slot

    def functions(self, form: Form, name: str) -> tuple[Function, ...]:
        """The rows of a name, the host's included."""
        return rows(form, name, self.schema.functions)

    def excerpt(self, expr: Expr) -> str:
        """The text of an expression, in backticks; long ones are cut."""
        return f"`{shorten(on_one_line(self.source.excerpt(expr.span)))}`"

    def root(self, name: str) -> Slot | None:
        """The slot of a root, or None where the host has no such root."""
        if name not in self._roots:
            type_ = self.schema.all_roots.get(name)
            if type_ is None:
                return None
            self._roots[name] = self.network.add(Slot(type_.kind, type_, (name,)))
        return self._roots[name]

    def property(self, path: Path) -> Slot:
        """The slot of a built-in property, such as `device.id`."""
        slot = self.root(str(path[0]))
        if slot is None:
            raise KeyError(path)
        for step in path[1:]:
            slot = self.member(slot, str(step), Span(0, 0))
        return slot

    def member(self, base: Slot, name: str, span: Span) -> Slot:
        """The slot of a property of an object, made when first asked for."""
        if name not in base.members:
            base.members[name] = self._new_member(base, name, span)
        return base.members[name]

    def element(self, base: Slot) -> Slot:
        """The slot of what a list holds."""
        if base.element is None:
            self.network.add(base.list_element())
        return base.list_element()

    def _new_member(self, base: Slot, name: str, span: Span) -> Slot:
        path = (*(base.path or ()), name)
        declared = None if base.declared is None else base.declared.members.get(name)
        if declared is not None:
            return self.network.add(Slot(declared.type.kind, declared.type, path, default=declared.default))
        if base.declared is None or base.declared.is_open:
            return self.network.add(Slot(ANYTHING, None, path))
        self._report_undeclared(base.declared, path, span)
        return self.poison()

    def _report_undeclared(self, base: Type, path: Path, span: Span) -> None:
        name = str(path[-1])
        elsewhere = {known.rpartition(".")[2]: known for known in self.schema.property_names()}
        near = nearest(name, base.members) or nearest(name, elsewhere)
        meant = None if near is None else near if near in base.members else elsewhere[near]
        help_ = "declare it in the schema" if meant is None else f"did you mean `{meant}`?"
        self.report("PL203", f"`{path_text(path)}` is not declared in the schema", span, help_)


def path_of(expr: Expr, scope: Scope) -> Path | None:
    """The path of a property that an expression names, or None where it is something else."""
    match expr:
        case Name(name):
            return (name,) if scope.root(name) is not None else None
        case Member(base, name):
            path = path_of(base, scope)
            return None if path is None else (*path, name)
        case Index(base, Text(key)) | Index(base, Integer(key)):
            path = path_of(base, scope)
            return None if path is None else (*path, key)
        case _:
            return None
