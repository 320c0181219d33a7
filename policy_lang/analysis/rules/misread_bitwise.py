"""PL341: `^` that looks like a power, and shifts that multiply or divide."""

from collections.abc import Iterator

from policy_lang.analysis.edits import operand_text, replace_expr
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Fix, Severity
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import Binary, Expr, Integer, Unary
from policy_lang.syntax.literals import LARGEST_INTEGER
from policy_lang.syntax.operators import BinaryOp, Precedence, UnaryOp
from policy_lang.types.core import Apply, Constant, Core, Fact, type_of
from policy_lang.types.model import INT, NUMBER

_BITWISE = {BinaryOp.BIT_AND, BinaryOp.BIT_OR, BinaryOp.BIT_XOR}
_SHIFTS = {BinaryOp.LEFT_SHIFT, BinaryOp.RIGHT_SHIFT}
_LARGEST_EXPONENT = 53


def check(binary: Binary, subject: PolicySubject) -> Iterator[Found]:
    """Among bits (`device.flags >> 3 & 1`, `1 << 4`, `device.flags ^ 0xFF`) these operators say what they mean."""
    right = binary.right
    if not isinstance(right, Integer) or right.is_hexadecimal or _is_among_bits(binary, subject):
        return
    if binary.op is BinaryOp.BIT_XOR:
        yield _power(binary, right, subject)
    elif binary.op in _SHIFTS and not isinstance(binary.left, Integer):
        yield _shift(binary, right.value, subject)


def _is_among_bits(binary: Binary, subject: PolicySubject) -> bool:
    parent = subject.parent_of(binary)
    return _works_on_bits(binary.left) or (parent is not None and _works_on_bits(parent))


def _works_on_bits(expr: Expr) -> bool:
    match expr:
        case Binary(op):
            return op in _BITWISE | _SHIFTS
        case Unary(op):
            return op is UnaryOp.COMPLEMENT
        case _:
            return False


def _power(binary: Binary, exponent: Integer, subject: PolicySubject) -> Found:
    return Found(
        f"`^` in {subject.excerpt(binary)} is the bitwise exclusive or, not a power",
        binary.op_span,
        _power_help(binary.left, exponent, subject),
    )


def _power_help(base: Expr, exponent: Integer, subject: PolicySubject) -> str:
    hexadecimal = f"if bits are meant, a hexadecimal number says so: `^ 0x{exponent.value:X}`"
    if not isinstance(base, Integer):
        return f"for a power multiply: `{shorten(subject.text_of(base))} * …`; {hexadecimal}"
    power = base.value**exponent.value if exponent.value <= _LARGEST_EXPONENT else LARGEST_INTEGER + 1
    return f"for the power write `{power}`; {hexadecimal}" if power <= LARGEST_INTEGER else hexadecimal


def _shift(binary: Binary, bits: int, subject: PolicySubject) -> Found:
    is_left = binary.op is BinaryOp.LEFT_SHIFT
    what, clearer = ("multiplies", f"* {2**bits}") if is_left else ("divides", f"/ {2**bits}")
    caution = "" if is_left else ", which keeps the fraction that a shift drops"
    return Found(
        f"{subject.excerpt(binary)} {what} by {2**bits}",
        binary.op_span,
        f"write `{clearer}`{caution}",
        fix=_multiply(binary, bits, subject) if is_left else None,
    )


def _multiply(binary: Binary, bits: int, subject: PolicySubject) -> Fix | None:
    """Both are exact, and unknown beyond the largest int; what only the shift makes an int keeps the shift."""
    core = subject.core_of(binary.left)
    if core is None or not _is_int(core, subject):
        return None
    text = f"{operand_text(subject, binary.left, Precedence.PRODUCT)} * {2**bits}"
    return replace_expr(subject, f"write `* {2**bits}`", binary, text, Precedence.PRODUCT)


def _is_int(node: Core, subject: PolicySubject) -> bool:
    """Whether a value is an int whatever is done with it: a declared property, a length, a sum of such."""
    match node:
        case Constant(_, type_):
            return type_ == INT
        case Fact(path, type_):
            return type_ == INT and subject.declared(path) is not None
        case Apply(function, args, type_) if not function.is_element:
            return type_ == INT and all(_is_int(arg, subject) for arg in args if type_of(arg).kind & NUMBER)
        case _:
            return False


RULE = NodeRule(
    code="PL341",
    name="misread_bitwise",
    category=Category.OPERATORS,
    severity=Severity.INFO,
    title="a bitwise operator stands where arithmetic is expected",
    is_fixable=True,
    nodes=(Binary,),
    check=check,
)
