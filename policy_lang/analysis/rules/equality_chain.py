"""PL317: one value compared with several literals, each in a comparison of its own."""

from collections import defaultdict
from collections.abc import Iterator

from policy_lang.analysis.edits import fix, operand_text, replace_expr, written_span
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.constants import literal_value
from policy_lang.diagnostics.model import Edit, Fix, Label, Severity
from policy_lang.source import Span
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import And, Compare, Expr, Or
from policy_lang.syntax.operators import ComparisonOp, Precedence
from policy_lang.types.core import Core
from policy_lang.types.model import BOOL

_Chain = list[tuple[int, Expr, Expr]]
"""For each comparison its position among the operands, the value, and the literal."""


def check(logic: And | Or, subject: PolicySubject) -> Iterator[Found]:
    """`a == 1 || a == 2` is `a in [1, 2]`, and `a != 1 && a != 2` is `a not in [1, 2]`, in three-valued logic too."""
    wanted = ComparisonOp.EQUAL if isinstance(logic, Or) else ComparisonOp.NOT_EQUAL
    chains: defaultdict[Core, _Chain] = defaultdict(list)
    for at, item in enumerate(logic.items):
        if isinstance(item, Compare) and item.op is wanted:
            _note(at, item, chains, subject)
    for chain in chains.values():
        if len({literal_value(literal) for _, _, literal in chain}) > 1:
            yield _found(logic, chain, "in" if isinstance(logic, Or) else "not in", subject)


def _note(at: int, compare: Compare, chains: dict[Core, _Chain], subject: PolicySubject) -> None:
    for value, literal in ((compare.left, compare.right), (compare.right, compare.left)):
        core = subject.core_of(value)
        if core is not None and literal_value(literal) is not None and literal_value(value) is None:
            if subject.type_of(value) != BOOL:
                chains[core].append((at, value, literal))
            return


def _found(logic: And | Or, chain: _Chain, op: str, subject: PolicySubject) -> Found:
    first, *others = [logic.items[at] for at, _, _ in chain]
    _, value, _ = chain[0]
    literals = list(dict.fromkeys(subject.text_of(literal) for _, _, literal in chain))
    text = f"{operand_text(subject, value, Precedence.SHIFT)} {op} [{', '.join(literals)}]"
    return Found(
        f"{subject.excerpt(value)} is compared with {len(literals)} values one by one",
        first.span,
        f"write a list: `{shorten(subject.text_of(value))} {op} [{shorten(literals[0])}, …]`",
        related=tuple(Label(other.span, "and here") for other in others),
        fix=_fix(logic, [at for at, _, _ in chain], text, subject),
    )


def _fix(logic: And | Or, positions: list[int], text: str, subject: PolicySubject) -> Fix | None:
    """The list in place of the first comparison; the others go, each with the operator before it."""
    title = "write a list"
    if len(positions) == len(logic.items):
        return replace_expr(subject, title, logic, text, Precedence.RELATION)
    spans = [written_span(subject, item) for item in logic.items]
    gone = [Edit(Span(spans[at - 1].end, spans[at].end), "") for at in positions[1:]]
    return fix(subject, title, Edit(spans[positions[0]], text), *gone)


RULE = NodeRule(
    code="PL317",
    name="equality_chain",
    category=Category.LOGIC,
    severity=Severity.INFO,
    title="a value is compared with several literals one by one",
    is_fixable=True,
    nodes=(And, Or),
    check=check,
)
