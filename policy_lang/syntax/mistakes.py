"""What the grammar lets through and the language does not: chained comparisons, malformed literals.

Each check looks at one kind of subtree of Lark's tree and reports every mistake in it, so that a policy's mistakes come together.
"""

from collections.abc import Iterator

from lark import Token, Tree

from policy_lang.diagnostics.model import Diagnostic, Edit, Fix, Label
from policy_lang.options import Options
from policy_lang.source import Source, Span
from policy_lang.suggest import shorten
from policy_lang.syntax.literals import LARGEST_INTEGER, is_number, read_number, read_text, write_text

_UNITS = "dhms"


def find_mistakes(tree: Tree[Token], source: Source, options: Options) -> Iterator[Diagnostic]:
    """Every mistake in a parsed policy that the grammar is too wide to refuse."""
    for subtree in tree.iter_subtrees():
        match subtree.data:
            case "comparison" if len(subtree.children) > len(("left", "operator", "right")):
                yield _chain(subtree, source)
            case "coalesce":
                yield from _mixed_coalesce(subtree, source)
            case "unary":
                yield from _doubled_sign(_token(subtree), source)
            case "number":
                yield from _number(_token(subtree), source)
            case "text":
                yield from _text(_token(subtree), source, options)
            case "regex":
                yield from _regex(_token(subtree), source, options)
            case _:
                pass


def _chain(subtree: Tree[Token], source: Source) -> Diagnostic:
    """`1 < x < 3`: in C it means `(1 < x) < 3`, in Python `1 < x && x < 3`; here it is an error."""
    operands = [source.excerpt(_span(child)) for child in subtree.children[::2]]
    operators = [source.excerpt(_span(child)) for child in subtree.children[1::2]]
    pairs = [f"{left} {op} {right}" for left, op, right in zip(operands, operators, operands[1:], strict=False)]
    is_equality = operators[0][0] in "=!"
    help_ = "compare once, and join comparisons with `&&`" if is_equality else f"write `{' && '.join(pairs)}`"
    return Diagnostic(
        "PL104",
        "comparisons cannot be chained",
        source,
        Label(_span(subtree.children[3]), "a second comparison of the same level"),
        help=help_,
    )


def _mixed_coalesce(subtree: Tree[Token], source: Source) -> Iterator[Diagnostic]:
    """`a ?? b || c`: an error as in JavaScript, for half of the readers take it the other way."""
    for child in subtree.children:
        if isinstance(child, Tree) and child.data in {"disjunction", "conjunction"}:
            op = "||" if child.data == "disjunction" else "&&"
            yield Diagnostic(
                "PL113",
                f"`??` and `{op}` stand side by side without parentheses",
                source,
                Label(_span(child)),
                help=f"write `(a ?? b) {op} c` or `a ?? (b {op} c)`",
            )


def _doubled_sign(operator: Token, source: Source) -> Iterator[Diagnostic]:
    """`--x`: a decrement to JavaScript, two signs to C; nobody means either in a policy."""
    span = _span(operator)
    if operator in "+-" and source.text[max(span.start - 1, 0) : span.start] == operator:
        yield doubled_sign(source, Span(span.start - 1, span.end))


def doubled_sign(source: Source, span: Span) -> Diagnostic:
    """What to say about the `++` or `--` at a place."""
    help_ = "policies change nothing; remove one, or put a blank between two signs"
    return Diagnostic("PL101", f"`{source.excerpt(span)}` is not an operator", source, Label(span), help=help_)


def _number(token: Token, source: Source) -> Iterator[Diagnostic]:
    if read_number(token) is not None:
        return
    span = _span(token)
    if is_number(token):
        yield Diagnostic(
            "PL105",
            f"the number `{shorten(token)}` is out of range",
            source,
            Label(span),
            help=f"integers go up to {LARGEST_INTEGER}, which every engine holds exactly, other numbers to about 1.8e308",
        )
        return
    fix = Fix("put it in quotes", (Edit(span, write_text(token)),)) if _is_text_without_quotes(token) else None
    help_ = f"write {write_text(shorten(token))}, in quotes" if fix else "write for example `7`, `0.5`, `1e6` or `0xFF`"
    yield Diagnostic("PL105", f"`{shorten(token)}` is not a number", source, Label(span), help=help_, fix=fix)


def _is_text_without_quotes(token: Token) -> bool:
    """Whether a malformed number is a version or a duration that lacks its quotes: `1.2.3`, `7d`."""
    return token.count(".") > 1 or (token[:-1].isdigit() and token[-1] in _UNITS)


def _text(token: Token, source: Source, options: Options) -> Iterator[Diagnostic]:
    value, problems = read_text(token)
    start = _span(token).start
    for problem in problems:
        span = Span(start + problem.span.start, start + problem.span.end)
        yield Diagnostic("PL103", problem.message, source, Label(span), help=problem.help)
    length = len(value.encode(errors="replace"))
    if length > options.max_text:
        message = f"the text has {length} bytes, more than the limit of {options.max_text}"
        yield Diagnostic("PL124", message, source, Label(_span(token)), help="no device text of that length is known either")


def _regex(token: Token, source: Source, options: Options) -> Iterator[Diagnostic]:
    pattern, _, flags = token[1:].rpartition("/")
    span = _span(token)
    if len(pattern) > options.max_pattern:
        message = f"the regular expression has {len(pattern)} characters, more than the limit of {options.max_pattern}"
        yield Diagnostic("PL123", message, source, Label(span), help="use several, joined by `||`, or a list with `in`")
    wrong = [flag for flag in flags if flag not in "is"]
    if wrong or len(set(flags)) < len(flags):
        message = f"`{shorten(flags)}` are not flags of a regular expression"
        yield Diagnostic(
            "PL110",
            message,
            source,
            Label(Span(span.end - len(flags), span.end)),
            help="the flags are `i` (ignore case) and `s` (`.` also takes line ends), each once",
        )


def _token(subtree: Tree[Token]) -> Token:
    child = subtree.children[0]
    if not isinstance(child, Token):
        raise TypeError(subtree.data)
    return child


def _span(node: Tree[Token] | Token) -> Span:
    if isinstance(node, Token):
        return Span(node.start_pos or 0, node.end_pos or 0)
    return Span(node.meta.start_pos, node.meta.end_pos)
