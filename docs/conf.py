"""How Sphinx builds the documentation: `make docs`."""
# ruff: noqa: INP001  a script of Sphinx, not a package

from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Whitespace
from sphinx.application import Sphinx

project = "policy_lang"
project_copyright = "the authors of policy_lang"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "alabaster"
html_theme_options = {"description": "Which device gets which software update", "page_width": "1080px", "sidebar_width": "240px"}
html_show_sourcelink = False
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links to files outside docs/ are checked by tests/test_docs.py
nitpicky = True


class PolicyLexer(RegexLexer):
    """Colours for the policy language."""

    name = "policy"
    aliases = ("policy", "results")
    tokens = {  # noqa: RUF012  the interface of Pygments
        "root": [
            (r"\s+", Whitespace),
            (r"//.*|/\*(?:.|\n)*?\*/", Comment),
            (r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", String),
            (r"\b(?:true|false|null|in|not|unknown)\b", Keyword),
            (r"\b(?:device|update|now)\b", Name.Builtin),
            (r"0[xX][0-9A-Fa-f]+|\.?[0-9][0-9.eE]*", Number),
            (r"[A-Za-z_]\w*", Name),
            (r"[-+*/%<>=!&|^~?:$]+", Operator),
            (r"[\[\]{}().,;]", Punctuation),
            (r".", Text),
        ],
    }


def setup(app: Sphinx) -> None:
    """Teach Sphinx the language of the examples."""
    app.add_lexer("policy", PolicyLexer)
    app.add_lexer("results", PolicyLexer)
