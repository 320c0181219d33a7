"""Texts in quotes, as JSON, JSON5, TOML and YAML write them.

Each function answers the ways to write a text in the order of preference: the style that stands there, then those nearest to it.
They may be optimistic: `rewrite.py` reads what they propose, and takes the first that means the text.
"""

import re
from collections.abc import Iterator

_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_NOT_LITERAL = re.compile(f"[{_UNSAFE}]")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\", '"': '\\"', "'": "\\'"}
_OTHER = {"'": '"', '"': "'"}


def json_choices(raw: str, text: str) -> Iterator[str]:
    """A text of JSON; one that is written in ASCII with codes stays so."""
    yield escape(text, '"', is_ascii="\\u" in raw and raw.isascii())


def json5_choices(raw: str, text: str) -> Iterator[str]:
    """A text of JSON5, in the quotes that it has unless only the others need no escapes."""
    yield escape(text, easier_quote(raw[0], f"\\{raw[0]}", raw, text))


def toml_choices(raw: str, text: str) -> Iterator[str]:
    """A text of TOML: literal or basic as it was, and in three quotes where it has several lines."""
    quote = "'" if raw.startswith("'") else '"'
    can_be_literal = quote == "'" and is_literal(text)
    if "\n" in text or raw.startswith(quote * 3):
        lead = "\n" if "\n" in text or raw[3:5].lstrip("\r").startswith("\n") else ""
        if can_be_literal and "'''" not in text and not text.endswith("'"):
            yield f"'''{lead}{text}'''"
        yield f'"""{lead}{_escape_lines(text)}"""'
    if can_be_literal and not {"'", "\n"} & set(text):
        yield f"'{text}'"
    yield escape(text, '"')


def easier_quote(quote: str, escaped: str, raw: str, text: str) -> str:
    """The other quote where it needs no escapes and this one would need its first."""
    other = _OTHER[quote]
    has_escapes = escaped in raw[1:-1] or "\\" in text
    return other if quote in text and other not in text and not has_escapes else quote


def is_literal(text: str) -> bool:
    """Whether a text can stand without escapes; line ends and tabs are no matter here."""
    return not _NOT_LITERAL.search(text)


def escape(text: str, quote: str, *, is_ascii: bool = False) -> str:
    """A text in quotes, with the escapes that these formats share."""
    return quote + _escape(text, f"\t\n{quote}", is_ascii=is_ascii) + quote


def _escape(text: str, more: str, *, is_ascii: bool = False) -> str:
    pattern = rf"[{_UNSAFE}\\{more}]" + ("|[^\x00-\x7f]" if is_ascii else "")
    return re.sub(pattern, lambda char: _ESCAPES.get(char[0]) or _code(char[0]), text)


def _escape_lines(text: str) -> str:
    """The inside of three double quotes: line ends stand for themselves, and so do quotes where they cannot end the text."""
    inside = _escape(text, "").replace('"""', '""\\"')
    return inside[:-1] + '\\"' if inside.endswith('"') else inside


def _code(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
