import pytest
from lark import Lark

from policy_lang.documents.grammar import grammar_path
from policy_lang.errors import PolicySyntaxError
from policy_lang.options import Options
from policy_lang.source import Source, Span
from policy_lang.syntax.ast import And, Coalesce, Compare, Conditional, Member, Method, Name, Or, Regex
from policy_lang.syntax.parser import parse, parse_tree
from policy_lang.syntax.printer import print_policy
from policy_lang.syntax.walk import children, descendants


def spans(text: str) -> dict[str, str]:
    """The text of each node's span, by the node's canonical text."""
    source = Source(text)
    return {print_policy(node): source.excerpt(node.span) for node in descendants(parse(source).tree)}


def test_the_grammar_has_no_collisions() -> None:
    """Lark's strict mode refuses terminals and rules that collide."""
    assert Lark.open(str(grammar_path("policy.lark")), parser="lalr", strict=True) is not None


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('device.a==="x"', "device.a == 'x'"),
        ("device.a!==1", "device.a != 1"),
        ("((device.a))&&((true))", "device.a && true"),
        ("(device.a && device.b) || device.c", "device.a && device.b || device.c"),
        ("device.a && (device.b || device.c)", "device.a && (device.b || device.c)"),
        ("(device.a + 1) * 2 == 3", "(device.a + 1) * 2 == 3"),
        ("device.a - (1 - 2) == 3", "device.a - (1 - 2) == 3"),
        ("(device.a - 1) - 2 == 3", "device.a - 1 - 2 == 3"),
        ("(a ? b : c) ? d : e", "(a ? b : c) ? d : e"),
        ("a ? (b ? c : d) : (e ? f : g)", "a ? b ? c : d : e ? f : g"),
        ("(a ?? b) || c", "(a ?? b) || c"),
        ("a ?? (b || c)", "a ?? (b || c)"),
        ("a ?? (b ?? c)", "a ?? (b ?? c)"),
        ("!(a == b)", "!(a == b)"),
        ("!a == b", "!a == b"),
        ("(1 < 2) == (2 < 3)", "1 < 2 == 2 < 3"),
        ("(1 == 2) < 3", "(1 == 2) < 3"),
        ("a not   in [1,2,]", "a not in [1, 2]"),
        ("f(a,)", "f(a)"),
        ("[]", "[]"),
        ("0Xff == 255", "0xFF == 255"),
        ("5. + .5 == 5e0", "5.0 + 0.5 == 5.0"),
        ("1e400 == 1", None),
        ("'it\\'s' == \"it's\"", '"it\'s" == "it\'s"'),
        ("/a/si == x", "/a/is == x"),
        ("-(-x) == - -x", "-(-x) == -(-x)"),
        ("(1).x == ('a').length", "(1).x == 'a'.length"),
        ("a /* c */ . b [ 0 ] // d", "a.b[0]"),
        ("'\\u{200b}\\n\\x7f' == a", "'\\u200b\\n\\x7f' == a"),
    ],
)
def test_canonical_text(text: str, canonical: str | None) -> None:
    """Canonical text is on one line, with the fewest parentheses, single quotes and one spelling of each operator."""
    if canonical is None:
        with pytest.raises(PolicySyntaxError):
            parse_tree(text)
        return
    assert print_policy(parse_tree(text)) == canonical
    assert print_policy(parse_tree(canonical)) == canonical


def test_long_chains_are_flat() -> None:
    assert isinstance(parse_tree("a && b && c"), And)
    assert len(children(parse_tree("a && b && c"))) == 3
    assert len(children(parse_tree("a || b || c || d"))) == 4
    assert len(children(parse_tree("a ?? b ?? c"))) == 3
    assert len(children(parse_tree("(a && b) && c"))) == 2


def test_precedence_is_javascripts() -> None:
    tree = parse_tree("a ?? b ? c || d && e : f")
    assert isinstance(tree, Conditional)
    assert isinstance(tree.test, Coalesce)
    assert isinstance(tree.then, Or)
    assert isinstance(tree.then.items[1], And)


def test_keywords_are_names_after_a_dot() -> None:
    tree = parse_tree("device.in.not.true")
    assert isinstance(tree, Member)
    assert tree.name == "true"
    assert isinstance(parse_tree("device.in('a')"), Method)


def test_a_slash_is_a_regex_only_where_an_operand_may_stand() -> None:
    division = parse_tree("device.a / 2 / 3 > 1")
    assert not any(isinstance(node, Regex) for node in descendants(division))
    search = parse_tree("device.a == /[/]/i")
    assert isinstance(search, Compare)
    assert search.right == Regex("[/]", "i", span=Span(0, 0))


def test_spans_cover_what_is_written() -> None:
    found = spans("  device.a  <  ( 1 + 2 ) && !has( device['b'] )")
    assert found["device.a"] == "device.a"
    assert found["device.a < 1 + 2"] == "device.a  <  ( 1 + 2 )"
    assert found["1 + 2"] == "1 + 2"
    assert found["has(device['b'])"] == "has( device['b'] )"


def test_equality_ignores_where_and_how_a_policy_is_written() -> None:
    assert parse_tree("device.a == 'x'") == parse_tree('  (device . a) === "x" // same')
    assert parse_tree("0x10 == 1") == parse_tree("16 == 1")
    assert parse_tree("1 == 1") != parse_tree("1 == true")


def test_comments_lie_beside_the_tree() -> None:
    parsed = parse(Source("// one\ntrue /* two */ && // three\nfalse"))
    assert [comment.text for comment in parsed.comments] == ["// one", "/* two */", "// three"]
    assert parsed.source.excerpt(parsed.comments[1].span) == "/* two */"
    assert parse(Source("'// no' == '/* no */'")).comments == ()


def test_mistakes_that_can_be_repaired_leave_a_tree() -> None:
    parsed = parse(Source("device.a = 1 and device.b"))
    assert [mistake.code for mistake in parsed.mistakes] == ["PL108", "PL109"]
    assert print_policy(parsed.tree) == "device.a == 1 && device.b"
    with pytest.raises(PolicySyntaxError):
        parse_tree("device.a = 1")


def test_fixes_remove_their_findings() -> None:
    """Edits that remove the finding."""
    text = "not device.a and device.b = 1 || device.c is 7d"
    parsed = parse(Source(text))
    edits = [edit for mistake in parsed.mistakes if mistake.fix for edit in mistake.fix.edits]
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert text == "! device.a && device.b == 1 || device.c == '7d'"
    assert parse(Source(text)).mistakes == ()


def test_at_most_twenty_mistakes_are_repaired() -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(Source("device.a = 1 || " * 40 + "true"))
    assert len(caught.value.diagnostics) == 20


def test_an_error_at_the_end_is_at_the_end_of_the_text() -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(Source("device.a ==   \n  "))
    (finding,) = caught.value.diagnostics
    assert finding.primary is not None
    assert finding.primary.span == Span(11, 11)


@pytest.mark.parametrize("text", ["\ud800", "true && '\udfff'"])
def test_half_a_surrogate_pair_is_no_character(text: str) -> None:
    with pytest.raises(PolicySyntaxError, match="half of a surrogate pair"):
        parse(Source(text))


def test_options_are_limits_of_the_parser_too() -> None:
    with pytest.raises(PolicySyntaxError, match="more than the limit of 1"):
        parse_tree("true && true", Options(max_nodes=1))


@pytest.mark.parametrize("text", ["a.b(c)[d] == [e, f]", "g ? !h : i + j ?? k"])
def test_descendants_come_in_the_order_of_the_text(text: str) -> None:
    names = [node.name for node in descendants(parse_tree(text)) if isinstance(node, Name)]
    assert names == sorted(names)
