"""Gates for builds: `lost>0`, `downgraded>=1`, `unknown>2.5%`."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from policy_lang.suggest import did_you_mean

MEASURES: Final = ("gained", "lost", "changed", "lowered", "downgraded", "matched", "unknown")
"""What a gate may ask for."""

_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_GATE = re.compile(r"\s*([a-z]+)\s*(>=|<=|==|!=|>|<)\s*(\d{1,15}(?:\.\d{1,9})?)\s*(%?)\s*", re.ASCII)


class GateError(ValueError):
    """A text is no gate.

    Attributes:
        remedy: what to write.
    """

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both sentences."""
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition under which a comparison fails.

    Attributes:
        measure: one of `MEASURES`.
        op: a comparison as in the language.
        bound: a number of devices, or a percent of all devices.
        is_percent: whether it is a percent.
    """

    measure: str
    op: str
    bound: Decimal
    is_percent: bool

    @classmethod
    def parse(cls, text: str) -> "Gate":
        """Read a gate.

        Args:
            text: a measure, an operator and a number of devices, or a percent: `lost > 0`, `changed>1.5%`.

        Raises:
            GateError: it is none.

        >>> Gate.parse("lost>1%")
        Gate(measure='lost', op='>', bound=Decimal('1'), is_percent=True)
        """
        found = _GATE.fullmatch(text)
        if found is None:
            raise GateError(
                f"`{text}` is not a gate", "write a measure, an operator and a number, such as `lost>0` or `changed>1%`"
            )
        measure, op, bound, percent = found.groups()
        if measure not in MEASURES:
            names = ", ".join(f"`{name}`" for name in MEASURES)
            raise GateError(f"`{measure}` is nothing that a gate can ask for", did_you_mean(measure, MEASURES) or f"one of {names}")
        return cls(measure, op, Decimal(bound), is_percent=bool(percent))

    def fails(self, measures: Mapping[str, int], total: int) -> bool:
        """Whether the condition holds, exactly: no rounding decides.

        Args:
            measures: the devices of each measure.
            total: all devices; of an empty fleet every percent is 0.
        """
        devices = Decimal(measures[self.measure])
        if self.is_percent and total:
            return _OPERATORS[self.op](devices * 100, self.bound * total)
        return _OPERATORS[self.op](devices, self.bound)

    def __str__(self) -> str:
        """The gate in its shortest form."""
        return f"{self.measure}{self.op}{self.bound}{'%' if self.is_percent else ''}"
