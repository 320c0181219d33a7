"""Name syntax errors, and repair the ones whose meaning is clear, so that the parse goes on and finds more.

The parser is in one of two situations: it waits for a value (a *hole* is what stands for a missing one), or it has one and waits
for an operator or the end. Which one decides how an unexpected token reads.
"""

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from policy_lang.diagnostics.model import Diagnostic, Edit, Fix, Label
from policy_lang.source import Source, Span
from policy_lang.suggest import shorten
from policy_lang.syntax.mistakes import doubled_sign

_WORDS = {"and": "&&", "or": "||", "is": "==", "eq": "==", "ne": "!=", "contains": "><"}
_TERMINALS = {"&&": "_AND", "||": "_OR", "==": "EQUAL", "!=": "NOT_EQUAL", "><": "CONTAINS"}
_CLOSING = {"LPAR": ("(", ")"), "LSQB": ("[", "]")}
_VALUE_HELP = "write a property, a literal or a call there"
_MOST = 20


class Repair:
    """Called by the parser at each error: reports it, and answers whether the parse can go on."""

    def __init__(self, source: Source) -> None:
        """Report into `findings`, about `source`."""
        self.findings: list[Diagnostic] = []
        self._source = source

    def __call__(self, error: UnexpectedInput) -> bool:
        """Report the error; true when the parser was given what was meant."""
        if len(self.findings) >= _MOST:
            return False
        if isinstance(error, UnexpectedToken):
            return self._token(error, error.token)
        if isinstance(error, UnexpectedCharacters):
            return self._character(error)
        raise error

    def _report(self, code: str, message: str, span: Span, help_: str | None = None, fix: Fix | None = None) -> bool:
        self.findings.append(Diagnostic(code, message, self._source, Label(span), help=help_, fix=fix))
        return False

    def _character(self, error: UnexpectedCharacters) -> bool:
        """A character that starts no token here."""
        at = error.pos_in_stream or 0  # type: ignore[redundant-expr]  # Lark declares None, and gives an int
        char = self._source.text[at]
        if char in "'\"":
            end = self._end_of_line(at)
            return self._report("PL102", "the text is not closed on its line", Span(at, end), f"end it with `{char}`")
        if char == "=" and "EQUAL" in _accepts(error):
            fix = Fix("compare with `==`", (Edit(Span(at, at + 1), "=="),))
            self._report("PL108", "`=` is not an operator", Span(at, at + 1), "write `==` to compare", fix)
            return _feed(error, Token("EQUAL", "==", at, end_pos=at + 1))
        name = "`" + char + "`" if char.isprintable() else f"U+{ord(char):04X}"
        return self._report("PL111", f"the character {name} is not allowed here", Span(at, at + 1), _character_help(char))

    def _token(self, error: UnexpectedToken, token: Token) -> bool:
        """A token that cannot stand here."""
        if token.type == "$END":
            return self._end(error)
        return self._no_value(error, token) if _waits_for_value(error) else self._no_operator(error, token)

    def _end(self, error: UnexpectedToken) -> bool:
        """The text ends too early."""
        end = len(self._source.text.rstrip())
        stack = error.interactive_parser.parser_state.value_stack
        if not stack:
            return self._report("PL107", "the policy is empty", Span(0, 0), "write `true` for every device, `false` for none")
        if _waits_for_value(error):
            return self._hole("at the end", Span(end, end))
        for item in reversed(stack):
            if isinstance(item, Token) and item.type in _CLOSING:
                opening, closing = _CLOSING[item.type]
                return self._report("PL101", f"`{opening}` is not closed", _span(item), f"add `{closing}`")
        return self._report("PL101", "the policy ends too early", Span(end, end), _expected(error))

    def _no_value(self, error: UnexpectedToken, token: Token) -> bool:
        """An operator or a bracket stands where a value is needed."""
        start = token.start_pos or 0
        text = self._source.text
        if token.type == "SLASH" or text[start - 1 : start + 1] == "/*":
            return self._slash(start if token.type == "SLASH" else start - 1)
        if text[max(start - 1, 0) : start + 1] == "?.":
            return self._report(
                "PL101", "`?.` is not an operator", Span(start - 1, start + 1), "write `.`: a missing property is unknown by itself"
            )
        self._hole(f"before `{token}`", _span(token))
        hole = Token.new_borrow_pos("NULL", "null", token)
        return _feed(error, hole) and token.type in _accepts(error) and _feed(error, token)

    def _hole(self, where: str, span: Span) -> bool:
        """Report that a value is missing; after `x++` only the sign is wrong."""
        before = self._source.text[: span.start].rstrip()
        if before.endswith(("++", "--")):
            self.findings.append(doubled_sign(self._source, Span(len(before) - 2, len(before))))
            return False
        return self._report("PL101", f"a value is missing {where}", span, _VALUE_HELP)

    def _slash(self, at: int) -> bool:
        if self._source.text.startswith("/*", at):
            return self._report("PL106", "the comment is not closed", Span(at, at + 2), "end it with `*/`")
        return self._report(
            "PL110", "the regular expression is not closed on its line", Span(at, self._end_of_line(at)), "end it with `/`"
        )

    def _no_operator(self, error: UnexpectedToken, token: Token) -> bool:
        """A value or a bracket stands where an operator is needed."""
        stack = error.interactive_parser.parser_state.value_stack
        if stack and isinstance(stack[-1], Token) and stack[-1] == "not" and stack[-1].type == "NAME":
            return self._not(error, stack[-1], token)
        meant = _WORDS.get(token.lower()) if token.type == "NAME" else None
        if meant is not None and _TERMINALS[meant] in _accepts(error):
            fix = Fix(f"write `{meant}`", (Edit(_span(token), meant),))
            self._report("PL109", f"`{token}` is not an operator", _span(token), f"write `{meant}`", fix)
            return _feed(error, Token.new_borrow_pos(_TERMINALS[meant], meant, token))
        if token.type in {"RPAR", "RSQB"}:
            return self._report("PL101", f"`{token}` closes nothing", _span(token), _expected(error) or "remove it")
        return self._report(
            "PL101", f"unexpected `{shorten(token)}`", _span(token), _expected(error) or "an operator is missing before it"
        )

    def _not(self, error: UnexpectedToken, word: Token, token: Token) -> bool:
        """`not x`: where a value may stand, `not` reads as a name, so it is taken back and becomes `!`."""
        fix = Fix("write `!`", (Edit(_span(word), "!"),))
        self._report("PL109", "`not` stands only before `in`", _span(word), "write `!` to negate", fix)
        state = error.interactive_parser.parser_state
        state.value_stack.pop()
        state.state_stack.pop()
        _feed(error, Token.new_borrow_pos("BANG", "!", word))
        return token.type in _accepts(error) and _feed(error, token)

    def _end_of_line(self, at: int) -> int:
        location = self._source.location(at)
        return at + len(self._source.line(location.line)) - location.column + 1


def _character_help(char: str) -> str:
    if char == "`":
        return "write text in single or double quotes"
    if char == ";":
        return "a policy is one expression, without `;`"
    if char.isalpha():
        return "names have ASCII letters only; write other names as `device['…']`"
    return "the operators are listed in the specification of the language"


def _accepts(error: UnexpectedInput) -> set[str]:
    accepted: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]  # Lark has no types there
    return accepted


def _waits_for_value(error: UnexpectedInput) -> bool:
    return {"TRUE", "LPAR"} <= _accepts(error)


def _expected(error: UnexpectedInput) -> str | None:
    """What must come next, where the parser waits for something in particular."""
    accepted = _accepts(error)
    if "COLON" in accepted:
        return "`?` needs a `:` with the value for the other case"
    return {"IN": "write `not in`", "NAME": "a property name is missing"}.get(min(accepted)) if len(accepted) == 1 else None


def _feed(error: UnexpectedInput, token: Token) -> bool:
    error.interactive_parser.feed_token(token)
    return True


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
