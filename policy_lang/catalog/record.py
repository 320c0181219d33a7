"""One object of a catalog while it is read: its fields one after the other, what is wrong noted beside them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from policy_lang.catalog.fields import WrongValue, read_object
from policy_lang.catalog.findings import Findings
from policy_lang.documents.model import Path_
from policy_lang.documents.problems import quote
from policy_lang.suggest import did_you_mean

T = TypeVar("T")
D = TypeVar("D")

_NEEDED = {"policy": "write an expression, or `true` to mean every device"}


class Record:
    """The fields of one object; a field that is wrong or missing is a finding, and reads as what stands in for it."""

    def __init__(self, findings: Findings, path: Path_, raw: Mapping[str, Any], known: Collection[str]) -> None:
        """Note the keys that no field has."""
        self.path = path
        self._raw = raw
        self._findings = findings
        self._before = len(findings.found)
        for name in map(str, raw):
            if name not in known:
                remedy = did_you_mean(name, known) or f"the keys here are {', '.join(f'`{each}`' for each in known)}"
                findings.add_key("PL504", f"the key {quote(name)} is not known", (*path, name), remedy=remedy)

    def __contains__(self, name: str) -> bool:
        """Whether the object has the field, right or wrong."""
        return name in self._raw

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found since the record was opened."""
        return len(self._findings.found) == self._before

    def required(self, name: str, read: Callable[[object], T]) -> T | None:
        """The value of a field that must be there; None where there is a finding."""
        if name in self._raw:
            return self.optional(name, read, None)
        self._findings.add("PL505", f"the field `{name}` is missing", (*self.path, name), remedy=_NEEDED.get(name))
        return None

    def optional(self, name: str, read: Callable[[object], T], default: D) -> T | D:
        """The value of a field, or the default where it is left out or there is a finding."""
        if name not in self._raw:
            return default
        try:
            return read(self._raw[name])
        except WrongValue as wrong:
            self.refuse(name, wrong)
        return default

    def refuse(self, name: str, wrong: WrongValue) -> None:
        """Note what is wrong with a field."""
        self._findings.add(wrong.code, f"`{name}` {wrong.message}", (*self.path, name), remedy=wrong.remedy)

    def object(self, name: str, known: Collection[str]) -> "Record | None":
        """The fields of an object inside this one, or None where it is left out or there is a finding."""
        raw = self.optional(name, read_object, None)
        return None if raw is None else Record(self._findings, (*self.path, name), raw, known)
