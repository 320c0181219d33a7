"""HTML and SVG as text in which nothing from outside is ever markup.

`element` escapes every child and attribute that is not markup itself, so a page is safe by how it is made.
"""

import re
from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias

from policy_lang.diagnostics.text import visible

Child: TypeAlias = "str | Markup | Iterable[Child] | None"
"""What an element holds: text, markup, several of them, or nothing."""

_VOID: Final = frozenset({"meta", "br"})
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
_PLAIN: Final = re.compile(r"[\n -~]*")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """An element.

    Args:
        name: its name, from the program only.
        children: what it holds; texts are escaped.
        attributes: by name; an underscore at the end is dropped and others are hyphens, a colon is written `__`. None is left out.

    >>> element("a", "<&>", class_="x", title='"')
    '<a class="x" title="&quot;">&lt;&amp;&gt;</a>'
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an element")
    given = "".join(f' {_attribute(key)}="{safe(_number(value))}"' for key, value in attributes.items() if value is not None)
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(children)}</{name}>")


def join(children: Child) -> Markup:
    """Some children as markup."""
    match children:
        case None:
            return Markup()
        case Markup():
            return children
        case str():
            return safe(children)
        case _:
            return Markup("".join(map(join, children)))


def safe(text: str) -> Markup:
    """A text escaped, what is not printable made visible."""
    return Markup(escape(text if _PLAIN.fullmatch(text) else visible(text), quote=True))


def _attribute(name: str) -> str:
    return name.removesuffix("_").replace("__", ":").replace("_", "-")


def _number(value: str | float) -> str:
    """A number as SVG has it: short, and never with an exponent."""
    return value if isinstance(value, str) else f"{value:.3f}".rstrip("0").rstrip(".")
