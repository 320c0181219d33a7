from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from strategies import compiled, policies

from policy_lang.source import Span
from policy_lang.syntax import ast
from policy_lang.syntax.ast import Expr
from policy_lang.syntax.operators import BinaryOp, ComparisonOp, UnaryOp
from policy_lang.syntax.parser import parse_tree
from policy_lang.syntax.printer import print_policy

AT = Span(0, 0)
KEYWORDS = {"true", "false", "null", "in", "not"}
ANY_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True) | st.sampled_from(sorted(KEYWORDS))
NAMES = ANY_NAMES.filter(lambda name: name not in KEYWORDS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["'", '"', "\\", "\n", "\r\n", "\t", "\0", "'\"", "//", "/* x */", "\u2028", "\u202e", "\U0001f600", "\x7f"]
)
FLAGS = st.sampled_from(["", "i", "s", "is"])
PATTERN_PIECES = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\r\n[*"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n").map(lambda char: "\\" + char),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="]\\\r\n"), max_size=3).map(lambda inside: f"[{inside}]"),
)
PATTERNS = st.tuples(PATTERN_PIECES, st.lists(PATTERN_PIECES | st.just("*"), max_size=4)).map(
    lambda parts: parts[0] + "".join(parts[1])
)

LEAVES: SearchStrategy[Expr] = st.one_of(
    st.builds(ast.Text, TEXTS, span=st.just(AT)),
    st.builds(ast.Integer, st.integers(0, 2**53 - 1), st.booleans(), span=st.just(AT)),
    st.builds(ast.Float, st.floats(min_value=0.0, allow_infinity=False).map(abs), span=st.just(AT)),
    st.builds(ast.Boolean, st.booleans(), span=st.just(AT)),
    st.just(ast.Null(span=AT)),
    st.builds(ast.Regex, PATTERNS, FLAGS, span=st.just(AT)),
    st.builds(ast.Name, NAMES, span=st.just(AT)),
)


def compounds(below: SearchStrategy[Expr]) -> SearchStrategy[Expr]:
    """Every kind of node with something below it."""
    at = {"span": st.just(AT)}
    several, some = st.lists(below, min_size=2, max_size=4).map(tuple), st.lists(below, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.ListOf, some, **at),
        st.builds(ast.Member, below, ANY_NAMES, st.just(AT), **at),
        st.builds(ast.Index, below, below, **at),
        st.builds(ast.Call, NAMES, some, st.just(AT), **at),
        st.builds(ast.Method, below, ANY_NAMES, some, st.just(AT), **at),
        st.builds(ast.Unary, st.sampled_from(UnaryOp), below, **at),
        st.builds(ast.Binary, st.sampled_from(BinaryOp), below, below, st.just(AT), **at),
        st.builds(ast.Compare, st.sampled_from(ComparisonOp), below, below, st.just(AT), **at),
        st.builds(ast.And, several, **at),
        st.builds(ast.Or, several, **at),
        st.builds(ast.Coalesce, several, **at),
        st.builds(ast.Conditional, below, below, below, **at),
    )


TREES = st.recursive(LEAVES, compounds, max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(TREES)
def test_parse_of_print_is_the_tree(tree: Expr) -> None:
    """Canonical text parses to the same tree, and printing that gives the same text."""
    text = print_policy(tree)
    parsed = parse_tree(text)
    assert parsed == tree
    assert print_policy(parsed) == text


@settings(max_examples=200, deadline=None)
@given(policies())
def test_canonical_text_is_the_same_policy(text: str) -> None:
    """Canonical text is a policy of the same meaning, and its own canonical text."""
    policy = compiled(text)
    again = compiled(policy.canonical)
    assert again.canonical == policy.canonical
    assert again.digest == policy.digest
    assert again.core == policy.core
