"""The types of properties that nobody declared, from what all devices sent.

The rule, in this order:

1. `id`, `product` and `productToken` are text and `version` is a version, whatever was sent.
2. The narrowest type that reads every value: bool, int, number, version, timestamp, duration, list, object.
3. Otherwise the type that reads most values, if that is 99 % of them or more. Texts make a bool or a version only where every one
   agrees.
4. Otherwise the type that reads most values; text where that reads as many.

What the chosen type does not read is unknown, and the report says so.
"""

from collections.abc import Callable
from typing import Final

from policy_lang.fleet.importing.profile import Profile
from policy_lang.types.model import OPEN_OBJECT, PLAIN_TYPES, STRING, Kind, Property, Type, list_of
from policy_lang.types.schema import DEVICE, Schema

_NEARLY_ALL: Final = 0.99
_FIXED: Final = {**{name: each.type for name, each in DEVICE.items()}, "productToken": STRING}
_COUNTS: Final[dict[Kind, Callable[[Profile], int]]] = {
    Kind.BOOL: lambda profile: profile.count(Kind.BOOL),
    Kind.INT: lambda profile: profile.count(Kind.INT),
    Kind.FLOAT: lambda profile: profile.count(Kind.INT) + profile.count(Kind.FLOAT),
    Kind.VERSION: lambda profile: profile.count(Kind.VERSION),
    Kind.TIMESTAMP: lambda profile: profile.count(Kind.TIMESTAMP),
    Kind.DURATION: lambda profile: profile.count(Kind.DURATION),
    Kind.LIST: lambda profile: profile.count(Kind.LIST),
    Kind.OBJECT: lambda profile: profile.count(Kind.OBJECT),
    Kind.STRING: lambda profile: profile.written.total(),
}
"""How many values each type reads, the narrowest type first."""


def infer_schema(root: Profile) -> Schema:
    """The schema of devices whose properties were counted.

    Args:
        root: the profile of the devices themselves; its members are their properties.
    """
    members = {**DEVICE, **_members(root)}
    return Schema(
        device=Type(Kind.OBJECT, members={**members, **{name: Property(_FIXED[name]) for name in _FIXED if name in members}})
    )


def complete_schema(declared: Type, root: Profile) -> Type:
    """A declared object with the properties that it leaves open, as far as devices sent any."""
    known = {
        name: Property(complete_schema(each.type, root.members[name]), each.is_required, each.default, each.description)
        if each.type.kind is Kind.OBJECT and name in root.members
        else each
        for name, each in declared.members.items()
    }
    found = {name: each for name, each in _members(root).items() if name not in known} if declared.is_open else {}
    return Type(Kind.OBJECT, members={**known, **found}, is_open=declared.is_open)


def is_open(type_: Type) -> bool:
    """Whether an object, or one inside of it, leaves properties undeclared."""
    return type_.kind is Kind.OBJECT and (type_.is_open or any(is_open(each.type) for each in type_.members.values()))


def choose_kind(profile: Profile) -> Kind:
    """The kind that a property gets; see the rule above."""
    reads = {kind: count(profile) for kind, count in _COUNTS.items()}
    present = profile.present
    for kind, number in reads.items():
        if number == present and kind is not Kind.STRING:
            return kind
    sent = {**reads, Kind.BOOL: profile.sent[Kind.BOOL], Kind.VERSION: 0, Kind.STRING: 0}
    best = max(sent, key=lambda kind: (sent[kind], -_ORDER[kind]))
    if sent[best] >= _NEARLY_ALL * present:
        return best
    return max(reads, key=lambda kind: (reads[kind], kind is Kind.STRING, -_ORDER[kind]))


_ORDER: Final = {kind: at for at, kind in enumerate(_COUNTS)}


def _members(profile: Profile) -> dict[str, Property]:
    """The properties that some device sent, sorted by name."""
    return {name: Property(_type_of(member)) for name, member in sorted(profile.members.items()) if member.present}


def _type_of(profile: Profile) -> Type:
    kind = choose_kind(profile)
    if kind is Kind.OBJECT:
        members = _members(profile)
        return Type(Kind.OBJECT, members=members) if members else OPEN_OBJECT
    if kind is Kind.LIST:
        return list_of(_item_type(profile.items))
    return PLAIN_TYPES[kind]


def _item_type(profile: Profile | None) -> Type:
    """What a list holds: bools or numbers where JSON says so, else text, which is what `'x' in device.tags` asks for."""
    if profile is None or not profile.present or profile.sent.total() != profile.present:
        return STRING
    kind = choose_kind(profile)
    return PLAIN_TYPES[kind] if kind in {Kind.BOOL, Kind.INT, Kind.FLOAT} else STRING
