"""Load the grammar, and collect the comments that it ignores."""

from contextvars import ContextVar
from functools import cache

from lark import Lark, Token

from policy_lang.documents.grammar import grammar_path

COMMENTS: ContextVar[list[Token]] = ContextVar("COMMENTS")
"""The comments of the parse that runs in this context; the parser is shared, so it cannot hold them itself."""


@cache
def load_grammar() -> Lark:
    """Build the LALR parser of `policy.lark`; one parser serves all threads."""
    return Lark.open(
        str(grammar_path("policy.lark")),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=False,
        lexer_callbacks={"COMMENT": _keep_comment},
    )


def _keep_comment(token: Token) -> Token:
    COMMENTS.get().append(token)
    return token
