"""The policies P1 to P4 of `bench_evaluate.py` in the languages of other engines.

Engines are handed one flat object: the properties that the policy reads, and `target`, the update's version. Few of them order
versions, so `version` and `constant` say in which form the versions are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bench_evaluate import KEYS, UPDATE, Device, fleet, twenty

Rule = Any
"""A policy as an engine takes it: text, or the objects of JsonLogic."""

READ: dict[str, tuple[str, ...]] = {
    "P1": (),
    "P2": ("region", "tier"),
    "P3": ("model", "memory", "test", "region"),
    "P4": ("model", "region"),
}
"""What each policy reads besides the version."""


class Dialect(Protocol):
    """What the four policies need to say."""

    def older(self) -> Rule:
        """The device's version is below the update's."""
        ...

    def since(self, version: str) -> Rule:
        """The device's version is that or above."""
        ...

    def before(self, version: str) -> Rule:
        """The device's version is below that."""
        ...

    def equal(self, name: str, text: str) -> Rule:
        """A property is that text."""
        ...

    def starts(self, name: str, text: str) -> Rule:
        """A property starts with that text."""
        ...

    def at_least(self, name: str, number: int) -> Rule:
        """A property is that number or more."""
        ...

    def false(self, name: str) -> Rule:
        """A property is false."""
        ...

    def among(self, name: str, texts: list[str]) -> Rule:
        """A property is one of the texts."""
        ...

    def every(self, rules: Sequence[Rule]) -> Rule:
        """All of the rules."""
        ...

    def some(self, rules: Sequence[Rule]) -> Rule:
        """One of the rules."""
        ...


def policies(say: Dialect) -> dict[str, Rule]:
    """The four policies."""
    return {
        "P1": say.older(),
        "P2": say.every([say.older(), say.some([say.equal("region", "us-west"), say.equal("tier", "premium")])]),
        "P3": say.every(
            [
                say.since("1.4.0"),
                say.before("2.0.0"),
                say.starts("model", "X100"),
                say.at_least("memory", 256),
                say.false("test"),
                say.among("region", ["us-west", "us-east", "eu-central"]),
            ]
        ),
        "P4": say.some([say.every([say.equal("model", m), say.equal("region", r), say.since(v)]) for m, r, v in twenty()]),
    }


@dataclass(frozen=True, slots=True)
class Text:
    """Languages that are written as text; the defaults are CEL's."""

    conjunction: str = " && "
    disjunction: str = " || "
    negation: str = "!{}"
    prefix: str = "{}.startsWith({!r})"
    version: str = "key"
    target: str = "target"
    constant: Callable[[str], object] = KEYS.__getitem__

    def older(self) -> str:
        """See `Dialect`."""
        return f"{self.version} < {self.target}"

    def since(self, version: str) -> str:
        """See `Dialect`."""
        return f"{self.version} >= {self.constant(version)!r}"

    def before(self, version: str) -> str:
        """See `Dialect`."""
        return f"{self.version} < {self.constant(version)!r}"

    def equal(self, name: str, text: str) -> str:
        """See `Dialect`."""
        return f"{name} == {text!r}"

    def starts(self, name: str, text: str) -> str:
        """See `Dialect`."""
        return self.prefix.format(name, text)

    def at_least(self, name: str, number: int) -> str:
        """See `Dialect`."""
        return f"{name} >= {number}"

    def false(self, name: str) -> str:
        """See `Dialect`."""
        return self.negation.format(name)

    def among(self, name: str, texts: list[str]) -> str:
        """See `Dialect`."""
        return f"{name} in {texts!r}"

    def every(self, rules: Sequence[str]) -> str:
        """See `Dialect`."""
        return self.conjunction.join(rules)

    def some(self, rules: Sequence[str]) -> str:
        """See `Dialect`."""
        return f"({self.disjunction.join(f'({rule})' for rule in rules)})"


PYTHON = Text(" and ", " or ", "not {}", "{}.startswith({!r})")


@dataclass(frozen=True, slots=True)
class JsonLogic:
    """JsonLogic; versions are ordered by `sem_ver` where the engine has it, else by their keys."""

    has_versions: bool = False

    def older(self) -> Rule:
        """See `Dialect`."""
        return self._order("<", {"var": "target"})

    def since(self, version: str) -> Rule:
        """See `Dialect`."""
        return self._order(">=", version if self.has_versions else KEYS[version])

    def before(self, version: str) -> Rule:
        """See `Dialect`."""
        return self._order("<", version if self.has_versions else KEYS[version])

    def equal(self, name: str, text: str) -> Rule:
        """See `Dialect`."""
        return {"===": [{"var": name}, text]}

    def starts(self, name: str, text: str) -> Rule:
        """See `Dialect`."""
        return {"starts_with": [{"var": name}, text]}

    def at_least(self, name: str, number: int) -> Rule:
        """See `Dialect`."""
        return {">=": [{"var": name}, number]}

    def false(self, name: str) -> Rule:
        """See `Dialect`."""
        return {"!": [{"var": name}]}

    def among(self, name: str, texts: list[str]) -> Rule:
        """See `Dialect`."""
        return {"in": [{"var": name}, texts]}

    def every(self, rules: Sequence[Rule]) -> Rule:
        """See `Dialect`."""
        return {"and": list(rules)}

    def some(self, rules: Sequence[Rule]) -> Rule:
        """See `Dialect`."""
        return {"or": list(rules)}

    def _order(self, op: str, other: Rule) -> Rule:
        return {"sem_ver": [{"var": "version"}, op, other]} if self.has_versions else {op: [{"var": "key"}, other]}


class Ranks(dict[str, int]):
    """The place of each version among all that occur, for engines that order numbers only."""

    def __init__(self) -> None:
        """Sort what devices, the update and the policies have."""
        texts = {device["version"] for device in fleet()} | {UPDATE["version"], "1.4.0", "2.0.0"}
        texts |= {version for _, _, version in twenty()}
        keys = sorted({KEYS[text] or "" for text in texts})
        super().__init__({text: keys.index(KEYS[text] or "") for text in texts})


RANKS = Ranks()


def ordered(plain: Device) -> Device:
    """A device or update that brings the key and the rank of its version; making them is not counted."""
    return {**plain, "key": KEYS[plain["version"]], "rank": RANKS[plain["version"]]}
