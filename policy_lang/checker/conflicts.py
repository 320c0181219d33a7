"""What to say when types do not fit: the cause in the message, the remedy in the help.

A property without a declaration that two uses take for different things is its own finding (PL207), which shows both places.
Everything else names the operator or function, and what it was given.
"""

import re
from collections.abc import Callable

from policy_lang.checker.scope import Scope
from policy_lang.checker.slots import Relation, Slot
from policy_lang.diagnostics.model import Label
from policy_lang.source import Span
from policy_lang.syntax.ast import Boolean, Expr, Float, Integer, Regex, Text
from policy_lang.types.core import path_text
from policy_lang.types.model import NUMBER, ORDERED, SCALAR, Kind, Kinds, display_kinds, each_kind

Conflict = Callable[[Relation], None]

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


def compare_conflict(scope: Scope, left: Expr, right: Expr, span: Span) -> Conflict:
    """`device.memory < "low"`."""

    def conflict(relation: Relation) -> None:
        if _report_two_types(scope, relation, span):
            return
        slots = relation.slots
        message = f"cannot compare {_describe(scope, left, slots[0])} with {_describe(scope, right, slots[1])}"
        scope.report("PL201", message, span, _comparison_help(scope, (left, right), slots), _declaration(slots))

    return conflict


def item_conflict(scope: Scope, item: Expr, container: Expr, span: Span) -> Conflict:
    """`5 in device.tags` where the tags are text: the relation is of the item and of what the list holds."""

    def conflict(relation: Relation) -> None:
        if _report_two_types(scope, relation, span):
            return
        slot, element = relation.slots
        holds = element.declared.display if element.declared is not None else display_kinds(_plain(element.kinds))
        message = f"{scope.excerpt(container)} holds {holds}; {_describe(scope, item, slot)} is never in it"
        scope.report("PL201", message, span, _EXAMPLES.get(Kind(element.kinds)) if element.is_settled else None)

    return conflict


def operand_conflict(scope: Scope, name: str, operands: tuple[Expr, ...], span: Span) -> Conflict:
    """`'a' + 1`, `device.version ^= '1.'`, `device.memory.trim()`: the first operands of the relation are the given ones."""

    def conflict(relation: Relation) -> None:
        if _report_two_types(scope, relation, span):
            return
        slots = relation.slots[: len(operands)]
        given = [_describe(scope, operand, slot) for operand, slot in zip(operands, slots, strict=True)]
        message = f"`{name}` does not take {' and '.join(given)}"
        scope.report("PL206", message, span, _operand_help(scope, name, operands, relation), _declaration(slots))

    return conflict


def condition_conflict(scope: Scope, expr: Expr) -> Conflict:
    """`device.region && …`: there is no truthiness."""

    def conflict(relation: Relation) -> None:
        if _report_two_types(scope, relation, expr.span):
            return
        slot = relation.slots[0]
        message = f"a condition is true or false; {_describe(scope, expr, slot)} is not"
        scope.report("PL208", message, expr.span, _condition_help(scope, expr, slot), _declaration((slot,)))

    return conflict


def branch_conflict(scope: Scope, operator: str, branches: tuple[Expr, ...], span: Span) -> Conflict:
    """`c ? 1 : 'a'`, `device.memory ?? 'none'`: both branches have one type."""

    def conflict(relation: Relation) -> None:
        if _report_two_types(scope, relation, span):
            return
        given = [_describe(scope, branch, slot) for branch, slot in zip(branches, relation.slots, strict=False)]
        message = f"the values of `{operator}` have different types: {' and '.join(given)}"
        scope.report("PL206", message, span, "give all of them one type", _declaration(relation.slots))

    return conflict


def use_conflict(scope: Scope, expr: Expr, kinds: Kinds, span: Span) -> Conflict:
    """One operand that must be of some kind."""

    def conflict(relation: Relation) -> None:
        if _report_two_types(scope, relation, span):
            return
        slot = relation.slots[0]
        message = f"{_describe(scope, expr, slot)} is not {_with_article(kinds)}"
        scope.report("PL206", message, span, None, _declaration((slot,)))

    return conflict


def report_undetermined(scope: Scope, expr: Expr, slot: Slot) -> None:
    """Report an expression whose type nothing tells."""
    shown = scope.excerpt(expr)
    scope.report(
        "PL209",
        f"the type of {shown} cannot be told from this policy",
        expr.span,
        f"declare it in a schema, or write `string({shown.strip('`')})`, `number(…)` or `version(…)`",
        related=tuple(Label(use.span, "used here") for use in slot.evidence[:1] if use.span != expr.span),
    )
    slot.is_poisoned = True


def _report_two_types(scope: Scope, relation: Relation, span: Span) -> bool:
    """Report a property that an earlier use took for something else; true where that is the cause."""
    for slot in relation.slots:
        wanted = relation.wanted(slot)
        earlier = next((use for use in slot.evidence if wanted and not use.kinds & wanted), None)
        if slot.path is not None and slot.is_inferred_property and earlier is not None:
            one, other = display_kinds(_plain(earlier.kinds)), display_kinds(_plain(wanted))
            scope.report(
                "PL207",
                f"`{path_text(slot.path)}` is used as {one} and as {other}",
                span,
                "a property has one type in the whole policy; declare it in a schema or convert it where it differs",
                f"used as {other} here",
                (Label(earlier.span, f"used as {one} here"),),
            )
            return True
    return False


def _plain(kinds: Kinds) -> Kinds:
    """What to call a set of kinds: a text literal may mean several kinds, and people call it text."""
    return Kind.STRING if kinds & Kind.STRING else kinds


def _describe(scope: Scope, expr: Expr, slot: Slot) -> str:
    match expr:
        case Text():
            return "text"
        case Integer() | Float():
            return "a number"
        case Boolean():
            return "a bool"
        case Regex():
            return "a regular expression"
        case _:
            kinds = slot.kinds & SCALAR or slot.kinds
            known = "" if kinds in {SCALAR, ORDERED} else f" ({_type_name(slot)})"
            return f"{scope.excerpt(expr)}{known}"


def _type_name(slot: Slot) -> str:
    if slot.declared is not None:
        return slot.declared.display
    if slot.kinds == Kind.LIST and slot.element is not None and slot.element.is_settled:
        return f"list of {Kind(slot.element.kinds).display}"
    return display_kinds(_plain(slot.kinds))


def _with_article(kinds: Kinds) -> str:
    shown = display_kinds(kinds)
    return shown if shown == "text" else f"an {shown}" if shown[0] in "aio" else f"a {shown}"


def _declaration(slots: tuple[Slot, ...]) -> str:
    """Where the type of a property comes from, for the label under the carets."""
    for slot in slots:
        if slot.path is not None and slot.declared is not None and len(slot.path) > 1:
            is_builtin = len(slot.path) == len(("device", "id")) and slot.path[1] in {"id", "product", "version"}
            return f"always {slot.declared.display}" if is_builtin else f"declared as {slot.declared.display} in the schema"
    return ""


_EXAMPLES: dict[Kind, str] = {
    Kind.BOOL: "write `true` or `false`, without quotes",
    Kind.INT: "write a number, for example `256`",
    Kind.FLOAT: "write a number, for example `256`",
    Kind.STRING: "write a text in quotes, for example `'us-west'`",
    Kind.VERSION: "write a version in quotes, for example `'1.2.0'`",
    Kind.TIMESTAMP: "write a timestamp in quotes, for example `'2026-01-31T00:00:00Z'`",
    Kind.DURATION: "write a duration in quotes, for example `'7d'`",
    Kind.LIST: "use `in` for membership; lists are not compared",
    Kind.OBJECT: "compare one of its properties",
}


def _comparison_help(scope: Scope, operands: tuple[Expr, Expr], slots: tuple[Slot, ...]) -> str | None:
    """How to write a literal so that it fits the other side."""
    left, right = operands
    for literal, operand, slot in ((right, left, slots[0]), (left, right, slots[1])):
        if isinstance(literal, Text | Integer | Float | Boolean) and slot.is_settled:
            return _literal_help(scope, literal, operand, Kind(slot.kinds))
    kinds = [kind for slot in slots for kind in each_kind(slot.kinds)]
    if Kind.LIST in kinds or Kind.OBJECT in kinds:
        return _EXAMPLES[Kind.LIST if Kind.LIST in kinds else Kind.OBJECT]
    return "convert one of them: `string(…)`, `number(…)`, `version(…)`"


def _literal_help(scope: Scope, literal: Text | Integer | Float | Boolean, operand: Expr, kind: Kind) -> str:
    """How to write one literal so that it fits an operand of some kind."""
    match literal, kind:
        case Boolean(), Kind.BOOL:
            return "only `==` and `!=` compare bools"
        case Text(value), Kind.BOOL if value.lower() in {"true", "false"}:
            return f"write `{value.lower()}`, without quotes"
        case Text(value), Kind.INT | Kind.FLOAT if _NUMBER.fullmatch(value):
            return f"write `{value}`, without quotes"
        case Integer() | Float(), Kind.STRING:
            return f"write `number({scope.excerpt(operand).strip('`')})` to compare numbers, or {scope.excerpt(literal)} in quotes"
        case _:
            return _EXAMPLES[kind]


def _operand_help(scope: Scope, name: str, operands: tuple[Expr, ...], relation: Relation) -> str | None:
    for operand, slot in zip(operands, relation.slots, strict=False):
        if slot.kinds == Kind.VERSION:
            return _range_help(scope, name, operand, operands)
    if any(slot.kinds == Kind.BOOL for slot in relation.slots[: len(operands)]) and name in {"&", "|", "^"}:
        return "comparisons bind tighter than `&`, `|` and `^`; add parentheses, or use `&&` and `||` for conditions"
    if name in {"in", "not in"} and relation.slots[1].kinds & Kind.STRING:
        return f"`in` looks in lists; for a part of a text write `{scope.excerpt(operands[1]).strip('`')} >< …`"
    if name == "+":
        return "`+` adds numbers or joins texts; convert one of them with `string(…)` or `number(…)`"
    for operand, slot in zip(operands, relation.slots, strict=False):
        wanted = relation.wanted(slot)
        if wanted and not wanted & slot.kinds and not isinstance(operand, Text):
            return f"{scope.excerpt(operand)} must be {display_kinds(wanted)}"
    return None


def _range_help(scope: Scope, name: str, version: Expr, operands: tuple[Expr, ...]) -> str:
    """What to write in place of a text operator on a version: its range."""
    text = next((operand.value for operand in operands if isinstance(operand, Text)), "")
    shown = scope.excerpt(version).strip("`")
    if name in {"^=", "startsWith"} and text.rstrip(".").replace(".", "").isdigit():
        return f"write `satisfies({shown}, '{text.rstrip('.')}')`; as text, `1.1` also begins `1.10`"
    return f"write a range, for example `satisfies({shown}, '^1.4 || ~2.0.3')`"


def _condition_help(scope: Scope, expr: Expr, slot: Slot) -> str:
    shown = scope.excerpt(expr).strip("`")
    if slot.kinds & NUMBER:
        return f"compare it, for example `{shown} != 0`"
    if slot.path is not None and len(slot.path) > 1:
        return f"compare it, or ask whether it is there with `has({shown})`"
    return "compare it with something"
