"""A second, slow reading of the language, written from its page and from nothing else.

It walks the core tree and shares only the tree's classes with the library: decoding, arithmetic, order, time, ranges and buckets
are all done again here, in the plainest way that comes to mind. Where the two differ, one of them misreads the page.
"""

import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any, assert_never
from unicodedata import category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import re2
import semver
from hypothesis import HealthCheck, given, settings
from strategies import DEFAULTS_SCHEMA, RANGES, REGIONS, SCHEMA, Situation, compiled, policies, situations

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import as_moment
from policy_lang.compiler.policy import Policy
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Comparison,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    Path,
)
from policy_lang.types.functions.row import Function
from policy_lang.types.model import Kind, Type
from policy_lang.types.patterns import Pattern
from policy_lang.types.schema import Schema
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import Version

LARGEST = 2**53 - 1
LONGEST = 4096


# --- Section 2 and 10: text from simple clients ---------------------------------------------------------------------------------


def good_text(raw: object) -> str | None:
    """A text that counts as one: encodable, and at most 4 KiB."""
    if not isinstance(raw, str):
        return None
    try:
        return raw if len(raw.encode()) <= LONGEST else None
    except UnicodeEncodeError:
        return None


def whole(value: float | None) -> int | None:
    """An integer, where it is one and exact."""
    if value is None or not math.isfinite(value) or value != math.floor(value) or abs(value) > LARGEST:
        return None
    return int(value)


def number(raw: object) -> float | None:
    """A JSON number, or text in JSON's number grammar; integers are exact, all are finite."""
    if isinstance(raw, str):
        if not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", raw):
            return None
        return number(json.loads(raw))
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if isinstance(raw, int):
        return raw if abs(raw) <= LARGEST else None
    return raw if math.isfinite(raw) else None


def version(raw: object) -> semver.Version | None:
    """Strict SemVer."""
    try:
        return semver.Version.parse(raw) if isinstance(raw, str) and raw.isascii() and raw.strip() == raw else None
    except ValueError:
        return None


def timestamp(raw: object) -> datetime | None:
    """RFC 3339."""
    if not isinstance(raw, str) or not re.fullmatch(
        r"[0-9]{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", raw, re.ASCII
    ):
        return None
    try:
        return datetime.fromisoformat(raw.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def duration(raw: object) -> timedelta | None:
    """`7d`, or ISO 8601 without months and years."""
    if not isinstance(raw, str) or not re.fullmatch(r"\d+[dhms]|P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)", raw, re.ASCII):
        return None
    if raw == "P" or raw.endswith("T"):
        return None
    units = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
    return timedelta(seconds=sum(float(digits) * units[unit.lower()] for digits, unit in re.findall(r"([\d.]+)([A-Za-z])", raw)))


def items(raw: object, of: Type) -> list[Any] | None:
    """A list, or text: JSON where it starts with `[`, else split at commas and trimmed."""
    if isinstance(raw, str):
        if not raw.strip().startswith("["):
            raw = [part.strip() for part in raw.split(",")] if raw.strip() else []
        else:
            try:
                raw = json.loads(raw)
            except ValueError:
                return None
    return [decode(item, of) for item in raw] if isinstance(raw, list) else None


def decode(raw: object, expected: Type) -> Any:
    """A raw value as one of the expected type, or None."""
    if isinstance(raw, str) and good_text(raw) is None:
        return None
    match expected.kind:
        case Kind.BOOL:
            texts = {"true": True, "false": False}
            return raw if isinstance(raw, bool) else texts.get(raw.lower()) if isinstance(raw, str) and raw.isascii() else None
        case Kind.INT:
            return whole(number(raw))
        case Kind.FLOAT:
            return number(raw)
        case Kind.STRING:
            return raw if isinstance(raw, str) and (expected.values is None or raw in expected.values) else None
        case Kind.VERSION:
            return version(raw)
        case Kind.TIMESTAMP:
            return timestamp(raw)
        case Kind.DURATION:
            return duration(raw)
        case Kind.LIST:
            assert expected.items is not None
            return items(raw, expected.items)
        case Kind.OBJECT:
            return raw if isinstance(raw, Mapping) else None
        case _:
            assert_never(expected.kind)


# --- Section 4 to 6: operators, functions, methods ------------------------------------------------------------------------------


def exact(value: int) -> int | None:
    """An integer result outside the exact ones is unknown."""
    return value if abs(value) <= LARGEST else None


def finite(value: float) -> float | None:
    """No infinity and no NaN enters."""
    return value if math.isfinite(value) else None


def in_calendar(compute: Callable[[], Any]) -> Any:
    """A moment or a length that has no place on the time line is unknown."""
    try:
        return compute()
    except OverflowError:
        return None


def short_enough(text: str) -> str | None:
    """A text that grew over 4 KiB is unknown."""
    return good_text(text)


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
BITS: dict[str, Callable[[int, int], int]] = {"|": operator.or_, "&": operator.and_, "^": operator.xor}


def binary(name: str, kinds: set[Kind], left: Any, right: Any) -> Any:
    """An operator on two known values."""
    if name in BITS:
        return exact(BITS[name](left, right))
    if name in {"<<", ">>"}:
        return None if not 0 <= right <= 52 else exact(left * 2**right) if name == "<<" else math.floor(Decimal(left) / 2**right)
    if kinds & {Kind.TIMESTAMP, Kind.DURATION}:
        return in_calendar(lambda: ARITHMETIC[name](left, right))
    if kinds == {Kind.STRING}:
        return short_enough(left + right)
    if name == "/":
        return None if right == 0 else finite(left / right)
    if name == "%":
        return None if right == 0 else int(math.fmod(left, right)) if kinds == {Kind.INT} else math.fmod(left, right)
    if kinds == {Kind.INT}:
        return exact(ARITHMETIC[name](left, right))
    return finite(ARITHMETIC[name](float(left), float(right)))


def number_text(value: float) -> str:
    """A number as ECMA-262 writes it: from the shortest digits and where the point stands."""
    parts = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(parts.exponent, int)
    digits, sign = "".join(map(str, parts.digits)), "-" if value < 0 else ""
    point = len(digits) + parts.exponent
    if value == 0:
        return "0"
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{point - 1:+d}"


def text_of(kind: Kind, value: Any) -> str:
    """The canonical text of a value."""
    match kind:
        case Kind.BOOL:
            return "true" if value else "false"
        case Kind.FLOAT:
            return number_text(value)
        case Kind.TIMESTAMP:
            return write_timestamp(value)
        case Kind.DURATION:
            return write_duration(value)
        case _:
            return str(value)


def convert(name: str, kind: Kind, value: Any) -> Any:
    """`int(x)` and its like."""
    if name == "string":
        return text_of(kind, value)
    if name == "int" and kind is Kind.FLOAT:
        return exact(int(value))
    if kind is not Kind.STRING:
        return value
    types = {
        "version": Kind.VERSION,
        "timestamp": Kind.TIMESTAMP,
        "duration": Kind.DURATION,
        "int": Kind.INT,
        "number": Kind.FLOAT,
        "bool": Kind.BOOL,
    }
    return decode(value, Type(types[name]))


def is_white(char: str) -> bool:
    """The Unicode property White_Space."""
    return char in "\t\n\v\f\r\x85" or category(char) in {"Zs", "Zl", "Zp"}


def trim(text: str) -> str:
    """Without white space at the ends."""
    while text and is_white(text[0]):
        text = text[1:]
    while text and is_white(text[-1]):
        text = text[:-1]
    return text


def at_zone(moment: datetime, zone: str) -> datetime | None:
    """The moment on the clocks of a zone."""
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return None


def hour(moment: datetime, zone: str) -> int | None:
    """The hour of the day."""
    local = at_zone(moment, zone)
    return None if local is None else local.hour


def weekday(moment: datetime, zone: str) -> int | None:
    """1 for Monday to 7 for Sunday."""
    local = at_zone(moment, zone)
    return None if local is None else local.weekday() + 1


def in_window(moment: datetime, start: str, end: str, zone: str) -> bool | None:
    """Includes the start, excludes the end, wraps midnight; `HH:MM` texts order like the times that they name."""
    local = at_zone(moment, zone)
    if local is None:
        return None
    clock = f"{local:%H:%M}"
    return start <= clock < end if start < end else not end <= clock < start


def in_cidr(address: str, network: str) -> bool | None:
    """A bad address is a bad value."""
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return None


def bucket(key: str, salt: str) -> int:
    """The published function of section 6."""
    digest = sha256(salt.encode() + b"\x1f" + key.encode()).digest()
    return int.from_bytes(digest[:4], "big") * 1_000_000 // 2**32


def between(lowest: str | None, below: str | None) -> Callable[[semver.Version], bool]:
    """A precedence interval: from the lowest on, and below the other."""
    return lambda value: (lowest is None or value.compare(lowest) >= 0) and (below is None or value.compare(below) < 0)


SATISFIES: dict[str, Callable[[semver.Version], bool]] = {
    "^1.4": between("1.4.0-0", "2.0.0-0"),
    "~1.4.2": between("1.4.2", "1.5.0-0"),
    ">=2.0.0-rc.1 <3": between("2.0.0-rc.1", "3.0.0-0"),
    "^1.4 || >=2.0.0-rc.1 <3": lambda value: between("1.4.0-0", "2.0.0-0")(value) or between("2.0.0-rc.1", "3.0.0-0")(value),
    "1.x": between("1.0.0-0", "2.0.0-0"),
    "1.0.0 - 1.4.2": lambda value: value.compare("1.0.0") >= 0 >= value.compare("1.4.2"),
    ">1.4.2": lambda value: value.compare("1.4.2") > 0,
    "*": lambda _: True,
    "<1.0.0": between(None, "1.0.0"),
}
"""The ranges of `strategies.py` as intervals, by hand from npm's grammar with `includePrerelease`."""


def item(list_: list[Any], position: int) -> Any:
    """An index outside the list is unknown."""
    found = list_[position] if position < len(list_) else None
    return found if ITEMS_OF_COMPUTED_LISTS or isinstance(found, str) else None


METHODS: dict[str, Callable[..., Any]] = {
    "startsWith": lambda text, part: text[: len(part)] == part,
    "endsWith": lambda text, part: not part or text[-len(part) :] == part,
    "includes": lambda text, part: text.find(part) >= 0,
    "toLowerCase": lambda text: short_enough(text.lower()),
    "toUpperCase": lambda text: short_enough(text.upper()),
    "trim": trim,
    "split": lambda text, separator: text.split(separator) if separator else None,
    "length": len,
    "major": lambda value: exact(value.major),
    "minor": lambda value: exact(value.minor),
    "patch": lambda value: exact(value.patch),
    "prerelease": lambda value: value.prerelease or "",
    "build": lambda value: value.build or "",
    "isPrerelease": lambda value: value.prerelease is not None,
    "negate": lambda value: in_calendar(lambda: -value),
    "~": lambda value: exact(-value - 1),
    "[]": item,
    "in": lambda key, value: value.get(key) is not None,
    "hour": hour,
    "weekday": weekday,
    "inWindow": in_window,
    "inCidr": in_cidr,
    "bucket": bucket,
    "rollout": lambda key, salt, percent: bucket(key, salt) < Decimal(str(percent)) * 10_000,
    "satisfies": lambda value, range_: SATISFIES[range_](value),
}


# --- Section 3 and the core -----------------------------------------------------------------------------------------------------


class Reader:
    """Evaluates a policy in one situation, straight from the page."""

    def __init__(self, policy: Policy, situation: Situation) -> None:
        """Read a policy in a situation."""
        self._policy = policy
        now = situation.now
        self._roots = {"device": situation.device, "update": situation.update, "now": now}

    def raw(self, path: Path) -> Any:
        """What stands at a path, None where nothing does."""
        value: Any = self._roots[str(path[0])]
        for step in path[1:]:
            if isinstance(step, int) and isinstance(value, str) and ITEMS_OF_TEXT:
                value = items(value, Type(Kind.STRING))
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, Mapping) else None
            else:
                value = value[step] if isinstance(value, list) and step < len(value) else None
        return value

    def value(self, node: Core) -> Any:
        """The value of a node, None for unknown."""
        match node:
            case Constant(value):
                return self._constant(node, value)
            case Fact(path, type_, default):
                return self._fact(path, type_, default)
            case Has(path):
                return self.raw(path) is not None
            case Not(operand):
                value = self.value(operand)
                return None if value is None else not value
            case And(parts):
                values = [self.value(part) for part in parts]
                return False if False in values else None if None in values else True
            case Or(parts):
                values = [self.value(part) for part in parts]
                return True if True in values else None if None in values else False
            case Compare(op, left, right):
                return self._compare(op, self.value(left), self.value(right))
            case In(needle, haystack):
                return self._in(self.value(needle), self.value(haystack))
            case ListOf(parts):
                return [self.value(part) for part in parts]
            case Choose(test, then, otherwise):
                tested = self.value(test)
                return None if tested is None else self.value(then if tested else otherwise)
            case Coalesce(parts):
                return next((value for value in map(self.value, parts) if value is not None), None)
            case Apply(function, args):
                return self._apply(function, args)
            case _:
                assert_never(node)

    def _constant(self, node: Constant, value: Any) -> Any:
        if isinstance(value, Version):
            return version(value.text)
        if isinstance(value, tuple):
            return [self._constant(node, item) for item in value]
        return value

    def _fact(self, path: Path, type_: Type, default: Any) -> Any:
        raw = self.raw(path)
        if raw is None and default is not None:
            return (
                version(default.text) if isinstance(default, Version) else list(default) if isinstance(default, tuple) else default
            )
        return raw.astimezone(UTC) if isinstance(raw, datetime) else decode(raw, type_)

    def _compare(self, op: Comparison, left: Any, right: Any) -> bool | None:
        if left is None or right is None:
            return None
        if isinstance(left, semver.Version):
            left, right = left.compare(right), 0
        return bool(left == right if op is Comparison.EQUAL else left < right)

    def _in(self, needle: Any, haystack: Any) -> bool | None:
        if needle is None or haystack is None:
            return None
        answers = [self._compare(Comparison.EQUAL, needle, item) for item in haystack]
        return True if True in answers else None if None in answers else False

    def _apply(self, function: Function, args: tuple[Core, ...]) -> Any:
        first = len(function.implicit)
        values = [self.value(arg) for arg in args]
        if any(value is None for value in values):
            return None
        for at, parameter in enumerate(function.parameters, start=first):
            if parameter.read is not None and not isinstance(values[at], Pattern):
                values[at] = self._policy.source.excerpt(args[at].span).strip("'")
        kinds = {parameter.kinds for parameter in function.parameters}
        if function.name == "matches":
            text, pattern = values
            options = re2.Options()
            options.case_sensitive, options.dot_nl = "i" not in pattern.flags, "s" in pattern.flags
            return re2.search(pattern.source, text, options) is not None
        if function.name in METHODS:
            return METHODS[function.name](*values)
        if len(values) == 1:
            (kind,) = kinds
            return convert(function.name, Kind(kind), values[0])
        return binary(function.name, {Kind(kind) for kind in kinds}, *values)


def _probe(text: str, device: dict[str, Any], schema: Schema | None = None) -> bool | None:
    return compiled(text, schema).evaluate(device)


ITEMS_OF_TEXT = _probe("device.tags[0] == 'a'", {"tags": "a,b"}) is True
"""Whether an index reaches into a list that came as text; cases/evaluation/operators.yaml expects it to."""

ITEMS_OF_COMPUTED_LISTS = _probe("[device.a, 2][0] == 1", {"a": 1}) is True
"""Whether an index reaches into every list that a policy writes; cases/evaluation/operators.yaml expects it to."""

STRICT_ENUMERATIONS = _probe("device.region == 'eu'", {"region": "mars"}, SCHEMA) is None
"""Whether a text that an enumeration does not allow is a bad value for `==`; cases/evaluation/declared.yaml expects it to be."""


def readable(situation: Situation) -> Situation:
    """The situation without what is known to be read differently."""
    if STRICT_ENUMERATIONS:
        return situation
    device = {name: value for name, value in situation.device.items() if name != "region" or value in REGIONS}
    return Situation(device, situation.update, situation.now)


def check(policy: Policy, some: list[Situation]) -> None:
    closure = compile_expr(policy.core, policy.options)
    for situation in map(readable, some):
        expected = Reader(policy, situation).value(policy.core)
        assert closure((situation.device, situation.update, as_moment(situation.now))) is expected, (policy.text, situation)
        assert policy.evaluate(situation.device, situation.update, situation.now) is expected, (policy.text, situation)


def test_every_range_is_known_to_the_reader() -> None:
    assert set(SATISFIES) == set(RANGES)


@pytest.mark.parametrize("schema", [SCHEMA, None, DEFAULTS_SCHEMA], ids=["declared", "inferred", "defaults"])
def test_closures_agree_with_the_page(schema: Schema | None) -> None:
    """The reference semantics is a small closure compiler that follows this page literally."""

    @settings(max_examples=700, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(policies(), situations())
    def law(text: str, some: list[Situation]) -> None:
        check(compiled(text, schema), some)

    law()
