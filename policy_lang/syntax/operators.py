"""The operators as they are written, and how tightly each binds."""

from enum import IntEnum, StrEnum


class ComparisonOp(StrEnum):
    """Operators of the two comparison levels; none of them associates."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    IN = "in"
    NOT_IN = "not in"
    STARTS_WITH = "^="
    NOT_STARTS_WITH = "^!="
    ENDS_WITH = "$="
    NOT_ENDS_WITH = "$!="
    CONTAINS = "><"
    NOT_CONTAINS = "<>"


class BinaryOp(StrEnum):
    """Operators on numbers, texts and times; all associate to the left."""

    BIT_OR = "|"
    BIT_XOR = "^"
    BIT_AND = "&"
    LEFT_SHIFT = "<<"
    RIGHT_SHIFT = ">>"
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    REMAINDER = "%"


class UnaryOp(StrEnum):
    """Prefix operators."""

    NOT = "!"
    NEGATE = "-"
    PLUS = "+"
    COMPLEMENT = "~"


class Precedence(IntEnum):
    """How tightly an operator binds, loosest first, as the grammar's chain of rules has it."""

    CONDITIONAL = 0
    COALESCE = 1
    OR = 2
    AND = 3
    BIT_OR = 4
    BIT_XOR = 5
    BIT_AND = 6
    EQUALITY = 7
    RELATION = 8
    SHIFT = 9
    SUM = 10
    PRODUCT = 11
    UNARY = 12
    POSTFIX = 13


EQUALITY_OPS = frozenset({ComparisonOp.EQUAL, ComparisonOp.NOT_EQUAL})
ORDER_OPS = frozenset({ComparisonOp.LESS, ComparisonOp.LESS_EQUAL, ComparisonOp.GREATER, ComparisonOp.GREATER_EQUAL})
MEMBERSHIP_OPS = frozenset({ComparisonOp.IN, ComparisonOp.NOT_IN})
NEGATIVE_OPS = frozenset(
    {
        ComparisonOp.NOT_EQUAL,
        ComparisonOp.NOT_IN,
        ComparisonOp.NOT_STARTS_WITH,
        ComparisonOp.NOT_ENDS_WITH,
        ComparisonOp.NOT_CONTAINS,
    }
)
"""The operators that say what something is not."""

BINARY_PRECEDENCE: dict[BinaryOp, Precedence] = {
    BinaryOp.BIT_OR: Precedence.BIT_OR,
    BinaryOp.BIT_XOR: Precedence.BIT_XOR,
    BinaryOp.BIT_AND: Precedence.BIT_AND,
    BinaryOp.LEFT_SHIFT: Precedence.SHIFT,
    BinaryOp.RIGHT_SHIFT: Precedence.SHIFT,
    BinaryOp.ADD: Precedence.SUM,
    BinaryOp.SUBTRACT: Precedence.SUM,
    BinaryOp.MULTIPLY: Precedence.PRODUCT,
    BinaryOp.DIVIDE: Precedence.PRODUCT,
    BinaryOp.REMAINDER: Precedence.PRODUCT,
}
