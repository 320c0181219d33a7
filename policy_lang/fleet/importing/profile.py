"""What the values of each property are, counted over all devices: the first reading, where types are not declared."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from policy_lang.fleet.importing.texts import WrittenKinds
from policy_lang.types.decode import LARGEST_INTEGER, decode_int, decode_number, items_of
from policy_lang.types.model import Kind

MOST_PROPERTIES = 2000
"""The most properties that are told apart where none is declared; more are a sign of names that carry data."""

_ID = "id"


class TooManyPropertiesError(Exception):
    """The devices have too many different properties."""


class Census:
    """What all profiles of one import share: how texts are read, and how many properties there are.

    Attributes:
        kinds: the kinds of texts.
    """

    def __init__(self, kinds: WrittenKinds) -> None:
        """Start without properties."""
        self.kinds = kinds
        self._count = 0

    def profile(self, *, looks_at_texts: bool = True) -> "Profile":
        """A profile of one more property.

        Args:
            looks_at_texts: whether texts are told apart.

        Raises:
            TooManyPropertiesError: there are too many.
        """
        self._count += 1
        if self._count > MOST_PROPERTIES:
            raise TooManyPropertiesError
        return Profile(self, looks_at_texts=looks_at_texts)


class Profile:
    """The values of one property, counted by kind.

    Attributes:
        sent: how many values JSON itself makes of a kind: a number, a bool, a list, an object.
        written: how many values are texts of a kind; `STRING` for those that are no other.
        bad: how many values have no kind, such as a number out of range; `null` is no value.
        members: the profiles of the properties of objects.
        items: the profile of what lists hold; None without a list.
    """

    def __init__(self, census: Census, *, looks_at_texts: bool) -> None:
        """Start without values."""
        self._looks_at_texts = looks_at_texts
        self.sent: Counter[Kind] = Counter()
        self.written: Counter[Kind] = Counter()
        self.bad = 0
        self.members: dict[str, Profile] = {}
        self.items: Profile | None = None
        self._census = census

    @property
    def present(self) -> int:
        """How many values there are."""
        return self.sent.total() + self.written.total() + self.bad

    def count(self, kind: Kind) -> int:
        """How many values are of a kind, sent as such or written as text."""
        return self.sent[kind] + self.written[kind]

    def add(self, values: Sequence[Any]) -> None:
        """Count the values of some devices."""
        types = Counter(map(type, values))
        for type_, number in types.items():
            count = _COUNTERS.get(type_)
            if count is not None:
                count(self, values if number == len(values) else [value for value in values if type(value) is type_])

    def add_objects(self, objects: Sequence[Mapping[str, Any]]) -> None:
        """Count the values of the properties of some objects."""
        for name in set().union(*objects):
            member = self.members.get(name)
            if member is None:
                member = self.members[name] = self._census.profile()
            member.add([each.get(name) for each in objects])

    def add_devices(self, devices: Sequence[Mapping[str, Any]]) -> None:
        """Count the properties of some devices; an id is text whatever is written in it, so no text of an id is looked at."""
        if _ID not in self.members:
            self.members[_ID] = self._census.profile(looks_at_texts=False)
        self.add_objects(devices)

    def _add_bools(self, values: Sequence[bool]) -> None:
        self.sent[Kind.BOOL] += len(values)

    def _add_integers(self, values: Sequence[int]) -> None:
        good = len(values)
        if max(values) > LARGEST_INTEGER or min(values) < -LARGEST_INTEGER:
            good = sum(decode_int(value) is not None for value in values)
        self.sent[Kind.INT] += good
        self.bad += len(values) - good

    def _add_floats(self, values: Sequence[float]) -> None:
        for value in values:
            if decode_int(value) is not None:
                self.sent[Kind.INT] += 1
            elif decode_number(value) is not None:
                self.sent[Kind.FLOAT] += 1
            else:
                self.bad += 1

    def _add_texts(self, values: Sequence[str]) -> None:
        if not self._looks_at_texts:
            self.written[Kind.STRING] += len(values)
            return
        kinds = self._census.kinds
        for kind, number in Counter(map(kinds.__getitem__, values)).items():
            if kind is None:
                self.bad += number
            else:
                self.written[kind] += number
                if kind is Kind.LIST:
                    self._add_items(items_of(value) or () for value in values if kinds[value] is Kind.LIST)

    def _add_lists(self, values: Sequence[list[Any]]) -> None:
        self.sent[Kind.LIST] += len(values)
        self._add_items(values)

    def _add_items(self, lists: Iterable[Sequence[Any]]) -> None:
        if self.items is None:
            self.items = self._census.profile()
        self.items.add(list(chain.from_iterable(lists)))

    def _add_members(self, values: Sequence[dict[str, Any]]) -> None:
        self.sent[Kind.OBJECT] += len(values)
        self.add_objects(values)


_COUNTERS: Mapping[type, Callable[[Profile, Any], None]] = {
    bool: Profile._add_bools,  # noqa: SLF001  its own methods, by the type of the value
    int: Profile._add_integers,  # noqa: SLF001  as above
    float: Profile._add_floats,  # noqa: SLF001  as above
    str: Profile._add_texts,  # noqa: SLF001  as above
    list: Profile._add_lists,  # noqa: SLF001  as above
    dict: Profile._add_members,  # noqa: SLF001  as above
}
