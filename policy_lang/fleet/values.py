"""What the lowering hands on: an expression that is made when it is certain to be needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic

from policy_lang.fleet.builder import E, Form
from policy_lang.fleet.columns import Column
from policy_lang.types.core import Core
from policy_lang.types.model import Kind

FORMS = {
    Kind.BOOL: Form.BOOLEAN,
    Kind.INT: Form.INTEGER,
    Kind.FLOAT: Form.DOUBLE,
    Kind.STRING: Form.TEXT,
    Kind.VERSION: Form.KEY,
    Kind.TIMESTAMP: Form.MICROSECONDS,
    Kind.DURATION: Form.MICROSECONDS,
}


class InexpressibleError(Exception):
    """An engine cannot say a node exactly; caught by the lowering, which looks for another way.

    Attributes:
        what: the operation, in words.
    """

    def __init__(self, what: str) -> None:
        """Name the operation."""
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Deferral:
    """A node that is decided in Python over the distinct values of its columns.

    Attributes:
        columns: those columns.
        node: the node that the engine cannot say.
        what: the operation that is to blame, in words.
    """

    columns: frozenset[Column]
    node: Core
    what: str


@dataclass(frozen=True, slots=True)
class Value(Generic[E]):
    """A lowered node.

    Attributes:
        form: what it is in the engine; None for what has no form there, such as an object.
        build: makes the expression; called once, and only for what ends up in the result.
        weight: about how many nodes the expression has.
        items: what a list holds.
        deferral: how it is decided, where that is in Python.
    """

    form: Form | None
    build: Callable[[], E]
    weight: int = 1
    items: Form | None = None
    deferral: Deferral | None = field(default=None)
