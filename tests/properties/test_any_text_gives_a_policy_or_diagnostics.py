import re
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from strategies import SCHEMA, policies

from policy_lang.compiler.policy import Policy
from policy_lang.diagnostics.codes import CODES
from policy_lang.diagnostics.json import to_plain
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import PolicyError
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema

TOKENS = (
    *(
        "device",
        "update",
        "now",
        ".version",
        ".region",
        ".tags",
        ".site",
        "['is open']",
        "[0]",
        "[-1]",
        ".length",
        ".major",
        ".split('-')",
    ),
    *(
        ".trim()",
        ".matches(/x/)",
        ".includes('a')",
        ".nope",
        "has(",
        "rollout(",
        "satisfies(",
        "string(",
        "version(",
        "inWindow(",
        "int(",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        "?",
        ":",
        "??",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "~",
        "*",
        "/",
        "%",
        "&",
        "|",
        "^",
        "<<",
        ">>",
        "=",
        "=>",
    ),
    *(
        "==",
        "!=",
        "===",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "not in",
        "not",
        "and",
        "or",
        "is",
        "^=",
        "^!=",
        "$=",
        "$!=",
        "><",
        "<>",
        "?.",
        "++",
    ),
    *(
        "1",
        "0.5",
        ".5",
        "5.",
        "1e3",
        "0xFF",
        "007",
        "1_000",
        "1.2.3",
        "7d",
        "true",
        "false",
        "null",
        "undefined",
        "True",
        "'1.2.0'",
    ),
    *(
        "'a'",
        '"b"',
        "'",
        '"',
        "/x/",
        "/[/]/i",
        "/(/",
        "/a",
        "//",
        "/*",
        "*/",
        "\n",
        ";",
        "`",
        "{",
        "}",
        "@",
        "#",
        "é",
        "\0",
        "\\",
        "\ud800",
    ),
)
MARKS = "()[]{}.,?:;'\"/\\|&=!<>^$*+-~% \n\0aé0\ud800"


@st.composite
def mutated(draw: DrawFn) -> str:
    """A good policy with some characters taken out, put in or doubled."""
    text = draw(policies())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        middle = draw(st.sampled_from(["", text[start:end] * 2, *MARKS, *TOKENS]))
        text = text[:start] + middle + text[end:]
    return text


def soup(joint: str) -> st.SearchStrategy[str]:
    """Words of the language in any order."""
    return st.lists(st.sampled_from(TOKENS), max_size=14).map(joint.join)


def check_finding(finding: Diagnostic, text: str) -> None:
    """A finding has a known code, a span inside the text, a message and a help that obey the law of prose."""
    assert finding.code in CODES
    assert finding.primary is not None
    for label in (finding.primary, *finding.related):
        assert 0 <= label.span.start <= label.span.end <= len(text), (finding.code, label)
    for prose in (finding.message, finding.help or "x"):
        assert prose.strip()
        assert "\n" not in re.sub(r"`[^`]*`", "", prose)
        assert not prose.endswith(".") or finding.code == "PL219"  # RE2 may quote a pattern at the end
        assert prose[0] == "`" or not prose[0].isupper() or prose.startswith(("RE2", "U+"))
    assert to_plain(finding)["code"] == finding.code


def attempt(text: str, schema: Schema | None) -> Policy | PolicyError:
    """The policy of a text, or why there is none; anything else that is raised breaks the law."""
    try:
        return compile_policy(text, schema=schema)
    except PolicyError as error:
        return error


def law(text: str, schema: Schema | None) -> None:
    """The law for one text."""
    outcome = attempt(text, schema)
    if isinstance(outcome, PolicyError):
        assert str(outcome)
        for finding in outcome.diagnostics:
            check_finding(finding, text)
        return
    assert outcome.evaluate({}) in {True, False, None}
    assert outcome.explain({}).result is outcome.evaluate({})
    assert compile_policy(outcome.canonical, schema=schema).canonical == outcome.canonical


SCHEMAS = pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])


def check_all(texts: st.SearchStrategy[str], schema: Schema | None, count: int) -> None:
    """Every error is a diagnostic with a code, a span, a message and a help line; nothing else is raised."""

    @settings(max_examples=count, deadline=None)
    @given(texts)
    def check(text: str) -> None:
        law(text, schema)

    check()


@SCHEMAS
def test_random_text(schema: Schema | None) -> None:
    check_all(st.text(st.characters() | st.sampled_from(MARKS), max_size=30), schema, 150)


@SCHEMAS
def test_mutated_policies(schema: Schema | None) -> None:
    check_all(mutated(), schema, 200)


@SCHEMAS
def test_words_side_by_side(schema: Schema | None) -> None:
    check_all(soup(" "), schema, 200)


@SCHEMAS
def test_words_run_together(schema: Schema | None) -> None:
    check_all(soup(""), schema, 150)


KIB8 = 8192
EXTREMES = {
    "ten megabytes": "a" * 10_000_000,
    "ten megabytes of opening brackets": "(" * 10_000_000,
    "nul": "device.a == '\0' \0",
    "ten thousand brackets": "(" * 10_000 + "true" + ")" * 10_000,
    "three thousand negations": "!" * 3000 + "true",
    "eight thousand negations": "!" * 8188 + "true",
    "eight thousand brackets": "(" * 4000 + "true" + ")" * 4000,
    "a deep conditional": "true ? " * 1000 + "true" + " : false" * 1000,
    "a long conditional": "device.a ? false : " * 400 + "true",
    "a flat disjunction": " || ".join(["device.a"] * 680),
    "a flat coalesce": " ?? ".join(["device.a"] * 680),
    "a chain of comparisons": " < ".join(["1"] * 2000),
    "a long sum": "1" + " + 1" * 2000 + " == 1",
    "a long path": "device" + ".a" * 4000,
    "a long path of items": "device.a" + "[0]" * 2700 + " == 1",
    "many methods": "device.a" + ".trim()" * 1100 + " == 'a'",
    "a long list": f"device.a in [{'1, ' * 1900}1]",
    "a list of lists": "[" * 4000 + "]" * 4000,
    "an unclosed list": "device.a in [" + "'a', " * 1600,
    "a long text": f"device.a == '{'x' * 8100}'",
    "an unclosed text": "device.a == '" + "x" * 8100,
    "escapes": f"device.a == '{chr(92) * 8000}'",
    "bad escapes": f"device.a == '{(chr(92) + 'q') * 4000}'",
    "a long regex": f"device.a == /{'x' * 8000}/",
    "an unclosed regex": "device.a == /" + "[" * 8100,
    "a greedy regex": f"device.a == /{'(x*)*' * 50}/",
    "a large repetition": "device.a == /((((x{100}){100}){100}){100})/",
    "a long number": "device.a == " + "9" * 8100,
    "a long exponent": "device.a == 1e" + "9" * 8100,
    "a long hexadecimal": "device.a == 0x" + "f" * 8100,
    "a long name": "a" * 8190,
    "many names": " || ".join(f"name{number}" for number in range(700)),
    "a long comment": "true //" + "x" * 8100,
    "many comments": "/**/" * 2000 + "true",
    "an unclosed comment": "true /*" + "*" * 8100,
    "slashes": "/" * KIB8,
    "stars": "*" * KIB8,
    "quotes": "'" * KIB8,
    "dots": "." * KIB8,
    "digits and dots": "1." * 4000,
    "questions": "?" * KIB8,
    "blanks": " " * KIB8,
    "line ends": "\n" * 8000 + "tru",
    "emoji": "\U0001f600" * 2048,
    "equals": "device.a " + "= 1 || device.a " * 500,
    "words": "device.a and " * 600 + "device.b",
    "nots": "not " * 2000 + "true",
    "many relations of one property": " && ".join(f"device.a + device.a{number} != 1" for number in range(240)),
    "a web of properties": " && ".join(f"device.a{number} == device.a{number + 1}" for number in range(270)),
    "a web with an end": " && ".join(f"device.a{number} == device.a{number + 1}" for number in range(270)) + " && device.a9 == 1",
    "a tower of choices": "device.x == " + "(device.a ? " * 50 + "'1.0.0'" + " : device.b)" * 50,
    "a tower of defaults": "(" * 50 + "device.x" + " ?? device.a)" * 50 + " < '1.0.0'",
    "many undeclared": " || ".join(f"device.unknown{number}" for number in range(300)),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_limits(name: str) -> None:
    """Over the limit is a diagnostic, never a `RecursionError`, and it comes soon."""
    for schema in (None, SCHEMA):
        start = perf_counter()
        law(EXTREMES[name], schema)
        assert perf_counter() - start < 4
