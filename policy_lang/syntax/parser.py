"""Policy text to the surface tree, with limits and with every syntax error that can be told apart.

Lark stops at the first error. Here the common mistakes are repaired while it runs, so that several are reported at once: the
repair feeds the parser what was meant (`==` for `=`, `&&` for `and`, a hole where a value is missing) and the parse goes on. A
policy with any finding is never used; a repair only finds more of them.

Lark is imported when the first policy is parsed, so that `import policy_lang` stays light.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.errors import PolicySyntaxError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source, Span
from policy_lang.syntax.ast import Expr

if TYPE_CHECKING:
    from lark import Token, Tree

_TRANSPARENT = frozenset({"start", "items", "arguments", "equality_operator", "relational_operator"})
_NESTING = frozenset(
    {
        "group",
        "conditional",
        "coalesce",
        "disjunction",
        "conjunction",
        "binary",
        "comparison",
        "unary",
        "list_of",
        "index",
        "call",
        "method",
    }
)
_SPARE_DEPTH = 40
"""Levels of the tree that are not nesting: the dots of a long path, and leaves."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment beside the tree, with its marks: `// …` or `/* … */`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text holds.

    Attributes:
        source: the text.
        tree: the surface tree, with holes where a mistake was repaired.
        comments: in the order of the text.
        mistakes: the syntax errors that were repaired; where there are any, the tree is good for finding more errors only.
    """

    source: Source
    tree: Expr
    comments: tuple[Comment, ...]
    mistakes: tuple[Diagnostic, ...]


def parse(source: Source, options: Options = DEFAULT_OPTIONS) -> Parsed:
    """Parse a policy as far as it goes.

    Args:
        source: the policy.
        options: the limits.

    Returns:
        The tree, the comments and the mistakes that could be repaired.

    Raises:
        PolicySyntaxError: no tree can be made, or the policy is over a limit.
    """
    _check_text(source, options)
    tree, comments, mistakes = _parse_tree(source)
    _check_size(tree, source, options)
    from policy_lang.syntax.build import Build  # noqa: PLC0415  Lark is loaded by the first parse
    from policy_lang.syntax.mistakes import find_mistakes  # noqa: PLC0415  the same

    known = {mistake.primary.span.start for mistake in mistakes if mistake.primary is not None}
    # A hole is an operand to the grammar, so what is found at its place a second time only follows from it.
    mistakes.extend(each for each in find_mistakes(tree, source, options) if each.primary and each.primary.span.start not in known)
    return Parsed(source, Build().transform(tree), comments, tuple(mistakes))


def parse_tree(text: str, options: Options = DEFAULT_OPTIONS) -> Expr:
    """The surface tree of a text that has no mistakes.

    Raises:
        PolicySyntaxError: the text has any.
    """
    parsed = parse(Source(text), options)
    if parsed.mistakes:
        raise PolicySyntaxError(parsed.mistakes)
    return parsed.tree


def _check_text(source: Source, options: Options) -> None:
    """What can be told before lexing: length, and characters that are no characters."""
    length = len(source.text.encode(errors="replace"))
    if length > options.max_source:
        message = f"the policy has {length} bytes, more than the limit of {options.max_source}"
        help_ = "split the update in two, or move lists of devices into a property"
        raise PolicySyntaxError([Diagnostic("PL120", message, source, Label(Span(0, 1)), help=help_)])
    bad = [at for at, char in enumerate(source.text) if "\ud800" <= char <= "\udfff"]
    if bad:
        message = "the policy has half of a surrogate pair, which is not a character"
        raise PolicySyntaxError([Diagnostic("PL111", message, source, Label(Span(bad[0], bad[0] + 1)), help="save it as UTF-8")])


def _parse_tree(source: Source) -> "tuple[Tree[Token], tuple[Comment, ...], list[Diagnostic]]":
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415  Lark is loaded by the first parse

    from policy_lang.syntax.grammar import COMMENTS, load_grammar  # noqa: PLC0415  the same
    from policy_lang.syntax.repair import Repair  # noqa: PLC0415  the same

    comments: list[Token] = []
    reset = COMMENTS.set(comments)
    repair = Repair(source)
    try:
        tree = load_grammar().parse(source.text, on_error=repair)
    except UnexpectedInput:
        raise PolicySyntaxError(repair.findings) from None
    finally:
        COMMENTS.reset(reset)
    return tree, tuple(Comment(str(token), _token_span(token)) for token in comments), repair.findings


def _check_size(tree: "Tree[Token]", source: Source, options: Options) -> None:
    """Count nodes and nesting without recursion: what is built and compiled later recurses."""
    nodes, nesting, depth = _measure(tree)
    if nodes > options.max_nodes:
        message = f"the policy has {nodes} parts, more than the limit of {options.max_nodes}"
        help_ = "write alternatives of one property as a list: `device.region in ['eu', 'us']`"
        raise PolicySyntaxError([Diagnostic("PL121", message, source, Label(Span(0, 1)), help=help_)])
    if nesting > options.max_depth or depth > options.max_depth + _SPARE_DEPTH:
        message = (
            f"the policy is nested {max(nesting, depth - _SPARE_DEPTH)} levels deep, more than the limit of {options.max_depth}"
        )
        help_ = "`&&`, `||` and `??` do not nest; remove parentheses that are not needed"
        raise PolicySyntaxError([Diagnostic("PL122", message, source, Label(Span(0, 1)), help=help_)])


def _measure(tree: "Tree[Token]") -> tuple[int, int, int]:
    """How many nodes, how many levels of parentheses and operators, how many levels in all."""
    levels: dict[int, tuple[int, int]] = {}
    nodes = 0
    for subtree in tree.iter_subtrees():
        below = [levels.get(id(child), (0, 0)) for child in subtree.children]
        nesting, depth = (max((level[at] for level in below), default=0) for at in (0, 1))
        nodes += subtree.data not in _TRANSPARENT
        levels[id(subtree)] = nesting + (subtree.data in _NESTING), depth + 1
    return (nodes, *levels[id(tree)])


def _token_span(token: "Token") -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
