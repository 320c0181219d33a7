"""What the rules look at: a policy that compiles, or a catalog that loads, with the questions that several rules ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from policy_lang.analysis import presence
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.suppression import Suppression, Word
from policy_lang.catalog.catalog import Catalog
from policy_lang.options import Options
from policy_lang.source import Source, Span, on_one_line
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import Expr
from policy_lang.syntax.parser import Comment
from policy_lang.syntax.walk import children as expressions_in
from policy_lang.syntax.walk import descendants as expressions_below
from policy_lang.types.core import Core, Fact, Path, descendants, type_of
from policy_lang.types.model import Property, Type
from policy_lang.types.schema import Schema


@dataclass(frozen=True)
class PolicySubject:
    """A policy without errors.

    Attributes:
        source: its text; spans point into it.
        tree: the surface tree, as it is written.
        comments: in the order of the text.
        core: the typed tree, which says what each part means.
        schema: what the host declares.
        options: the host's options.
        is_in_catalog: whether it belongs to an update of a catalog, so that selection asks about product and version first.
    """

    source: Source
    tree: Expr
    comments: tuple[Comment, ...]
    core: Core
    schema: Schema
    options: Options
    is_in_catalog: bool = False
    _declared: dict[Path, Property | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def expressions(self) -> tuple[Expr, ...]:
        """Every expression, parents first, in the order of the text."""
        return tuple(expressions_below(self.tree))

    @cached_property
    def _nodes(self) -> dict[Span, Core]:
        """The core node of each span; of several, such as `!(a == b)` for `a != b`, the outermost."""
        nodes: dict[Span, Core] = {}
        for node in descendants(self.core):
            nodes.setdefault(node.span, node)
        return nodes

    def core_of(self, expr: Expr) -> Core | None:
        """What an expression means, or None where it was taken up by what is around it (a regex, the list of a range)."""
        return self._nodes.get(expr.span)

    def type_of(self, expr: Expr) -> Type | None:
        """The type of an expression's value, or None where `core_of` is."""
        node = self.core_of(expr)
        return None if node is None else type_of(node)

    def fact_of(self, expr: Expr) -> Fact | None:
        """The property that an expression is, or None where it is something else."""
        node = self.core_of(expr)
        return node if isinstance(node, Fact) else None

    @cached_property
    def _parents(self) -> dict[int, Expr]:
        """The expression around each other one, by identity: equal expressions stand in several places."""
        return {id(child): expr for expr in self.expressions for child in expressions_in(expr)}

    def parent_of(self, expr: Expr) -> Expr | None:
        """The expression that an expression of the tree is an operand, an argument or an item of; None for the whole policy."""
        return self._parents.get(id(expr))

    def text_of(self, expr: Expr) -> str:
        """An expression as it is written."""
        return self.source.text[expr.span.start : expr.span.end]

    def declared(self, path: Path) -> Property | None:
        """What the schema says of a property; None where it says nothing."""
        if path not in self._declared:
            self._declared[path] = presence.declared(path, self.schema)
        return self._declared[path]

    @cached_property
    def exposed(self) -> tuple[Fact, ...]:
        """The reads of properties that a device may lack and that neither `has` nor `??` guards, in the order of the text."""
        return tuple(fact for fact in presence.exposed(self.core) if presence.can_be_absent(fact, self.schema))

    @cached_property
    def solver(self) -> Solver:
        """Proves what parts of the policy can never be true, or never be false, together."""
        return Solver((self.core,), self.options)

    def excerpt(self, expr: Expr) -> str:
        """An expression as it is written, in backticks for a message; a long one is cut."""
        return self.quoted(expr.span)

    def quoted(self, span: Span) -> str:
        """A piece of the policy, in backticks for a message; a long one is cut."""
        return f"`{shorten(on_one_line(self.source.excerpt(span)))}`"


@dataclass(frozen=True)
class CatalogSubject:
    """A catalog without errors; `catalog.document` has the text where it was read from a file.

    Attributes:
        catalog: the updates, in the order of the file: `catalog.updates[3]` stands at `("updates", 3)`.
        policies: the policy of each update, in the same order; updates with the same text share one.
    """

    catalog: Catalog
    policies: tuple[PolicySubject, ...]


@dataclass(frozen=True, slots=True)
class SuppressionSubject:
    """A comment that suppresses findings, once it is known what it did.

    Attributes:
        suppression: the comment.
        unused: those of its words whose rules ran and found nothing that it could suppress.
        known: the code for every code and name that a comment may have.
    """

    suppression: Suppression
    unused: tuple[Word, ...]
    known: Mapping[str, str]
