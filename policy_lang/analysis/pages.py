"""The page of each code, in Markdown: one file for a rule, one section of a file for an error."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from policy_lang.analysis.registry import find_rule
from policy_lang.diagnostics.codes import CODES

_PACKAGED = Path(__file__).resolve().parents[1] / "pages"  # in a wheel
_CHECKOUT = Path(__file__).resolve().parents[2] / "docs"  # in a source tree or editable install

_SECTION = re.compile(r"^## (PL\d{3}) (.*?)(?=^## PL\d{3} |\Z)", re.MULTILINE | re.DOTALL)


class Page(NamedTuple):
    """What is to be said about a code.

    Attributes:
        code: `PLnnn`.
        text: Markdown; its first line is a heading with the code.
    """

    code: str
    text: str


def find_page(word: str) -> Page | None:
    """The page of a code, or of a rule by its name.

    Args:
        word: `PL203`, `PL322` or `null_comparison`, in any case.

    Returns:
        The page; None where no code and no rule is called so.

    Source: docs/rules/index.md.

    >>> find_page("PL108").text.splitlines()[0]
    '# PL108 `=` is not an operator'
    """
    rule = find_rule(word)
    if rule is not None:
        return Page(rule.code, pages_folder("rules", f"{rule.name}.md").read_text(encoding="utf-8"))
    code = word.upper()
    return Page(code, _error_sections()[code]) if code in CODES else None


def pages_folder(*names: str) -> Path:
    """A file or folder of the documentation, in an installed package or in a source tree."""
    root = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
    return root.joinpath(*names)


@cache
def _error_sections() -> dict[str, str]:
    """The sections about errors, by their codes, each as a page of its own."""
    found: dict[str, str] = {}
    for file in sorted(pages_folder("errors").glob("*.md")):
        text = file.read_text(encoding="utf-8")
        found |= {section[1]: f"# {section[1]} {section[2].rstrip()}\n" for section in _SECTION.finditer(text)}
    return found
