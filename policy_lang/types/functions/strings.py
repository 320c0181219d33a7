"""Methods on texts, spelled as in JavaScript; lengths and orders count code points."""

from typing import Any

from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind
from policy_lang.types.patterns import Pattern, compile_pattern

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What `trim` removes: the characters with the Unicode property White_Space (UAX #44)."""

_TEXT = Parameter("text", Kind.STRING)


def _read_pattern(source: str) -> Pattern:
    return compile_pattern(source, "")


def _split(text: str, separator: str) -> tuple[str, ...] | None:
    return tuple(text.split(separator)) if separator else None


def _check_separator(separator: Any) -> str | None:
    return None if separator else "a separator has at least one character"


def _method(name: str, parameters: tuple[Parameter, ...], result: Kind, python: Any, description: str, example: str) -> Function:
    return Function(name, Form.METHOD, (_TEXT, *parameters), result, python, description, example)


STARTS_WITH = _method(
    "startsWith",
    (Parameter("prefix", Kind.STRING),),
    Kind.BOOL,
    str.startswith,
    "whether the text starts with another; also written `^=`",
    "device.model.startsWith('X100')",
)
ENDS_WITH = _method(
    "endsWith",
    (Parameter("suffix", Kind.STRING),),
    Kind.BOOL,
    str.endswith,
    "whether the text ends with another; also written `$=`",
    "device.model.endsWith('-pro')",
)
INCLUDES = _method(
    "includes",
    (Parameter("part", Kind.STRING),),
    Kind.BOOL,
    str.__contains__,
    "whether the text contains another; also written `><`",
    "device.model.includes('100')",
)
MATCHES = _method(
    "matches",
    (Parameter("pattern", Kind.STRING, read=_read_pattern, code="PL219"),),
    Kind.BOOL,
    lambda text, pattern: pattern.search(text),
    "whether a regular expression finds a match in the text; also written `==`",
    "device.model.matches(/^X[0-9]+/)",
)

ROWS: tuple[Function, ...] = (
    STARTS_WITH,
    ENDS_WITH,
    INCLUDES,
    MATCHES,
    _method("toLowerCase", (), Kind.STRING, str.lower, "the text in lower case", "device.model.toLowerCase() == 'x100-pro'"),
    _method("toUpperCase", (), Kind.STRING, str.upper, "the text in upper case", "device.region.toUpperCase() == 'US-WEST'"),
    _method(
        "trim",
        (),
        Kind.STRING,
        lambda text: text.strip(WHITE_SPACE),
        "the text without blanks at its ends",
        "' us '.trim() == 'us'",
    ),
    Function(
        "split",
        Form.METHOD,
        (_TEXT, Parameter("separator", Kind.STRING, check=_check_separator, hint="write for example `','`")),
        Kind.LIST,
        _split,
        "the parts between separators, as a list of text",
        "'pro' in device.model.split('-')",
        items=Kind.STRING,
    ),
    Function(
        "length", Form.MEMBER, (_TEXT,), Kind.INT, len, "how many characters (code points) the text has", "device.model.length == 8"
    ),
)
