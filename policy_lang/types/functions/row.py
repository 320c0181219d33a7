"""The row that defines a function, method, member or operator of the language.

Checker, compilers, documentation and completion all read the row; adding a function is adding a row. A host program registers its
own with `Schema.with_function`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policy_lang.types.model import Kind, Kinds


class Form(StrEnum):
    """How a row is written."""

    FUNCTION = "function"
    METHOD = "method"
    MEMBER = "member"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an operand or an argument may be.

    Attributes:
        name: for messages and documentation.
        kinds: the kinds that are accepted.
        is_element: it has the type of the items of the first parameter, a list.
        read: the argument must be a literal text, read by this while compiling; a `ValueError` says what is wrong with it.
        code: the finding that reports such a text.
        check: what is wrong with a literal value, or None; a value that is not literal is checked by the row's `python`.
        hint: how to write the argument, for the help of findings about its value.
        is_literal: the argument must be a literal.
        default: the value where the argument is left out; None where it must be given.
    """

    name: str
    kinds: Kinds
    is_element: bool = False
    read: Callable[[str], Any] | None = None
    code: str = "PL218"
    check: Callable[[Any], str | None] | None = None
    hint: str | None = None
    is_literal: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Function:
    """One row: a name, its types, what it does, and what people read about it.

    Attributes:
        name: as written in policies.
        form: function, method, member or operator; the first parameter of a method or member is what stands before the dot.
        parameters: in order.
        result: the kind of the result.
        python: from known values to a value, or to None for an unknown; it is never called with an unknown.
        description: one sentence for the documentation.
        example: a policy that is true for `EXAMPLE_DEVICE` of the specification.
        implicit: properties that the row reads besides its arguments, passed first: `("device", "id")`, `("now",)`.
        items: what a list result holds; None where the result is an element of the first parameter or no list.
        is_element: whether the result is an item of the first parameter.
        check: what is wrong with the arguments together, or None; it gets the literal ones as values, the others as None.
        decodes: whether it reads a text as a device's is read, by the host's options; `python` does so by the default ones.
        is_host: whether a host program registered it; an exception inside it then gives an unknown.
    """

    name: str
    form: Form
    parameters: tuple[Parameter, ...]
    result: Kind
    python: Callable[..., Any]
    description: str
    example: str
    implicit: tuple[tuple[str, ...], ...] = ()
    items: Kind | None = None
    is_element: bool = False
    check: Callable[..., str | None] | None = None
    decodes: bool = False
    is_host: bool = False

    @property
    def fewest(self) -> int:
        """How many arguments must be given, what stands before the dot included."""
        return sum(parameter.default is None for parameter in self.parameters)
