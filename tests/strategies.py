"""What the laws are tested with: random policies, and random devices, updates and times to evaluate them on.

`policies()` writes well-typed policy text over one small vocabulary, the properties of `SCHEMA`, and `devices()` draws devices that
speak of the same. Literals and device values come from the same few pools, so true, false and unknown are all frequent. Every
operator, function, method and member of the language occurs; `tests/properties/test_strategies_reach_everything.py` counts them.

A policy is a text, because every stage can start from one. `compiled()` compiles it with the schema or, to have the types
inferred, without one; what inference cannot know (`device.memory == device.flags`) is rejected there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from policy_lang.compiler.policy import Policy
from policy_lang.errors import PolicyTypeError
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema

EXAMPLE_DEVICE: dict[str, Any] = {
    "id": "device-1",
    "version": "1.4.2",
    "model": "X100-pro",
    "region": "us-west",
    "memory": 512,
    "flags": 6,
    "tags": ["beta", "eu"],
    "ip": "10.1.2.3",
    "timezone": "Europe/Berlin",
    "bootloader": "2.1.0",
}
EXAMPLE_UPDATE: dict[str, Any] = {"id": "release-7", "version": "1.5.0", "published": "2026-01-01T00:00:00Z"}
EXAMPLE_NOW = "2026-03-02T12:00:00Z"
"""A Monday."""

REGIONS = ("us-west", "us-east", "eu")
SCHEMA_DOCUMENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pro": {"type": "boolean"},
        "memory": {"type": "integer"},
        "flags": {"type": "integer"},
        "load": {"type": "number"},
        "model": {"type": "string"},
        "region": {"enum": list(REGIONS)},
        "bootloader": {"type": "string", "format": "semver"},
        "seen": {"type": "string", "format": "date-time"},
        "uptime": {"type": "string", "format": "duration"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "slots": {"type": "array", "items": {"type": "integer"}},
        "ip": {"type": "string"},
        "timezone": {"type": "string"},
        "site": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "floor": {"type": "integer"}, "is open": {"type": "boolean"}},
        },
    },
}
SCHEMA = Schema.load(SCHEMA_DOCUMENT)
"""Every property of the vocabulary, declared."""

_DEFAULTS = {"pro": False, "memory": 256, "region": "eu", "bootloader": "1.0.0", "tags": ["eu"], "uptime": "7d"}
DEFAULTS_SCHEMA = Schema.load(
    {
        **SCHEMA_DOCUMENT,
        "properties": {
            name: {**declared, "default": _DEFAULTS[name]} if name in _DEFAULTS else declared
            for name, declared in SCHEMA_DOCUMENT["properties"].items()
        },
    }
)
"""The same with defaults for some of them."""

VERSIONS = ("1.0.0", "1.4.2", "1.4.2+build.5", "1.5.0-rc.1", "1.5.0-rc.11", "1.5.0", "1.10.0", "2.1.0", "3.0.0-alpha.beta")
TEXTS = ("X100", "X100-pro", "x100-PRO", "eu", "us-west", "beta", "", " beta ", "é", "512", "Straße")
TIMESTAMPS = (
    "2026-01-01T00:00:00Z",
    "2026-03-01T23:30:00Z",
    "2026-03-02T12:00:00Z",
    "2026-03-02T13:00:00+01:00",
    "2026-06-30t05:15:00.5z",
)
DURATIONS = ("0s", "45s", "12h", "7d", "P1DT12H", "36h", "60d")
INTEGERS = (0, 1, 2, 3, 5, 6, 64, 256, 512, 9007199254740991)
NUMBERS = ("0", "0.5", "1.5", "2", "64.0", "256", "1e3", "0x10")
ADDRESSES = ("10.1.2.3", "192.168.0.7", "2001:db8::1", "10.1.2.999")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
RANGES = ("^1.4", "~1.4.2", ">=2.0.0-rc.1 <3", "^1.4 || >=2.0.0-rc.1 <3", "1.x", "1.0.0 - 1.4.2", ">1.4.2", "*", "<1.0.0")
NETWORKS = ("10.0.0.0/8", "10.1.2.3/32", "192.168.0.0/16", "2001:db8::/32")
CLOCKS = ("00:00", "01:30", "05:00", "12:00", "13:00", "23:30")
PERCENTS = ("0", "5", "0.0001", "50", "99.9999", "100")
PATTERNS = (
    *("/X100/", "/^X100/", "/pro$/", "/^eu$/", "/^(us|eu)/", "/(?:eu|beta)/", "/us-west|us-east/", r"/\-/", "/^(us-west|eu)$/"),
    *("/^x1/i", "/^X[0-9]+/", "/e./", "/./s", "/^$/", r"/\d{3}/", "/STRASSE|straße/i", "/[/-]/", "/b(e|x)ta/"),
)


# --- Policies -------------------------------------------------------------------------------------------------------------------


_Rule = Callable[["_Writer", int], str]


class _Writer:
    """Writes expressions of a wanted type; each compound stands in parentheses, for precedence is the business of another law."""

    def __init__(self, seed: int, *, presence: bool) -> None:
        self.presence = presence
        self._random = Random(seed)  # noqa: S311  test data

    def pick(self, *options: str) -> str:
        """One of some texts."""
        return self._random.choice(options)

    def write(self, kind: str, depth: int) -> str:
        """An expression of a kind: mostly a property, sometimes a literal, else a computation."""
        which = self._random.randrange(10)
        if depth <= 0 or which < (1 if kind == "bool" else 5):
            return self.leaf(kind)
        if kind != "list" and which == 9:
            return self.generic(kind, depth - 1)
        rules = _RULES[kind]
        return self._random.choice(rules)(self, depth - 1)

    def leaf(self, kind: str) -> str:
        """A property or a literal; a literal that is text needs an anchor for its type, so those rules write it themselves."""
        return self.pick(*_LEAVES[kind])

    def generic(self, kind: str, depth: int) -> str:
        """What works for every type."""
        if self.presence and self._random.random() < 0.5:
            return f"({self.write(kind, depth)} ?? {self.write(kind, depth)})"
        return f"({self.write('bool', depth)} ? {self.write(kind, depth)} : {self.write(kind, depth)})"

    def operand(self, kind: str, depth: int) -> str:
        """The other side of a comparison: often a literal, whose type is then told by its place."""
        literals = _LITERALS[kind]
        return self.pick(*literals) if self._random.randrange(3) else self.write(kind, depth)


def _quoted(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"'{text}'" for text in texts)


_LEAVES: dict[str, tuple[str, ...]] = {
    "bool": ("device.pro", "device.pro", 'device.site["is open"]', "device.version.isPrerelease", "true", "false"),
    "int": ("device.memory", "device.flags", "device.site.floor", "device.slots[0]", "device.slots[1]", *map(str, INTEGERS[:8])),
    "number": ("device.load", "device.load", "device.memory", *NUMBERS),
    "text": ("device.model", "device.model", "device.site.name", "device.tags[0]", "device.id", "update.channel", *_quoted(TEXTS)),
    "region": ("device.region",),
    "version": ("device.version", "device.version", "update.version", "device.bootloader"),
    "timestamp": ("device.seen", "update.published", "now"),
    "duration": ("device.uptime", "duration('7d')", "duration('P1DT12H')"),
    "texts": ("device.tags", "device.tags", "['eu', 'beta']", "[device.model, 'X100', 'eu']"),
    "integers": ("device.slots", "device.slots", "[1, 2, 3]", "[device.flags, -1, 6]"),
}
_LITERALS: dict[str, tuple[str, ...]] = {
    "bool": ("true", "false"),
    "int": tuple(map(str, INTEGERS)),
    "number": NUMBERS,
    "text": _quoted(TEXTS),
    "region": _quoted(REGIONS),
    "version": _quoted(VERSIONS),
    "timestamp": _quoted(TIMESTAMPS),
    "duration": _quoted(DURATIONS),
}
_ORDERED = ("int", "int", "number", "text", "version", "version", "timestamp", "duration")


def _infix(op: str, left: str, right: str) -> _Rule:
    return lambda writer, depth: f"({writer.write(left, depth)} {op} {writer.write(right, depth)})"


def _order(writer: _Writer, depth: int) -> str:
    kind = writer.pick(*_ORDERED)
    op = writer.pick("<", "<=", ">", ">=")
    sides = [writer.write(kind, depth), writer.operand(kind, depth)]
    return (
        f"({sides[0]} {op} {sides[1]})" if writer.pick("as is", "as is", "turned") == "as is" else f"({sides[1]} {op} {sides[0]})"
    )


def _equality(writer: _Writer, depth: int) -> str:
    kind = writer.pick(*_ORDERED, "bool", "region", "region")
    return f"({writer.write(kind, depth)} {writer.pick('==', '!=', '===')} {writer.operand(kind, depth)})"


def _connective(writer: _Writer, depth: int) -> str:
    op = writer.pick("&&", "||")
    items = [writer.write("bool", depth) for _ in range(int(writer.pick("2", "2", "3")))]
    return f"({f' {op} '.join(items)})"


def _presence(writer: _Writer, depth: int) -> str:
    if not writer.presence:
        return _order(writer, depth)
    path = writer.pick("device.pro", "device.model", "device.site.floor", "device.tags[1]", "device.seen", "update.channel")
    key = writer.pick("name", "floor", "room")
    return writer.pick(
        f"has({path})", f"({path} == null)", f"(null != {path})", f"('{key}' in device.site)", f"('{key}' not in device.site)"
    )


def _text_test(writer: _Writer, depth: int) -> str:
    text, part = writer.write("text", depth), writer.operand("text", depth)
    return writer.pick(
        *(f"({text} {op} {part})" for op in ("^=", "^!=", "$=", "$!=", "><", "<>")),
        *(f"({text}).{method}({part})" for method in ("startsWith", "endsWith", "includes")),
    )


def _search(writer: _Writer, depth: int) -> str:
    text, pattern = writer.write("text", depth), writer.pick(*PATTERNS)
    return writer.pick(f"({text} == {pattern})", f"({pattern} == {text})", f"({text} != {pattern})", f"({text}).matches({pattern})")


def _membership(writer: _Writer, depth: int) -> str:
    kind, items = (("text", "texts"), ("int", "integers"))[int(writer.pick("0", "1"))]
    value, list_ = writer.operand(kind, depth), writer.write(items, depth)
    return writer.pick(
        f"({value} in {list_})",
        f"({value} not in {list_})",
        f"({list_} >< {value})",
        f"({list_} <> {value})",
        f"({list_}).includes({value})",
    )


def _among(writer: _Writer, depth: int) -> str:
    kind = writer.pick(*_ORDERED, "region")
    literals = [writer.pick(*_LITERALS[kind]) for _ in range(int(writer.pick("1", "2", "3")))]
    return f"({writer.write(kind, depth)} {writer.pick('in', 'not in')} [{', '.join(literals)}])"


def _satisfies(writer: _Writer, depth: int) -> str:
    return f"satisfies({writer.write('version', depth)}, '{writer.pick(*RANGES)}')"


def _in_cidr(writer: _Writer, _: int) -> str:
    return f"inCidr({writer.pick('device.ip', 'device.ip', 'device.model')}, '{writer.pick(*NETWORKS)}')"


def _in_window(writer: _Writer, _: int) -> str:
    start = writer.pick(*CLOCKS)
    end = writer.pick(*(clock for clock in CLOCKS if clock != start))
    zone = writer.pick("", ", device.timezone", *(f", '{zone}'" for zone in ZONES))
    return f"inWindow('{start}', '{end}'{zone})"


def _rollout(writer: _Writer, _: int) -> str:
    return f"rollout({writer.pick(*PERCENTS)})"


def _clock_part(writer: _Writer, depth: int) -> str:
    zone = writer.pick("", ", device.timezone", *(f", '{zone}'" for zone in ZONES))
    return f"{writer.pick('hour', 'weekday')}({writer.write('timestamp', depth)}{zone})"


def _time_literal(writer: _Writer, depth: int) -> str:
    sign, moment = writer.pick("+", "-"), writer.write("timestamp", depth)
    return f"({moment} {sign} {writer.pick(*_quoted(DURATIONS))})"


def _shift(writer: _Writer, depth: int) -> str:
    bits = writer.pick("0", "1", "4", "52", "device.flags", "device.memory")
    return f"({writer.write('int', depth)} {writer.pick('<<', '>>')} {bits})"


def _to_text(writer: _Writer, depth: int) -> str:
    return f"string({writer.write(writer.pick('int', 'number', 'bool', 'version', 'timestamp', 'duration', 'text'), depth)})"


def _conversion(name: str, literals: tuple[str, ...]) -> _Rule:
    """A text read as another type; a literal must be one of that type, for it is read while compiling."""

    def write(writer: _Writer, _: int) -> str:
        texts = ("device.model", "device.model", "device.site.name.trim()", "(device.tags[0] + '')", *_quoted(literals)[:2])
        return f"{name}({writer.pick(*texts)})"

    return write


def _template(template: str, *kinds: str) -> _Rule:
    """A rule that fills in expressions of some kinds."""
    return lambda writer, depth: template.format(*(writer.write(kind, depth) for kind in kinds))


_RULES: dict[str, tuple[_Rule, ...]] = {
    "bool": (
        *(_order, _order, _order, _equality, _equality, _connective, _connective, _connective, _template("!{}", "bool")),
        *(_presence, _text_test, _search, _membership, _among, _satisfies, _in_cidr, _in_window, _rollout),
        _template("bool({})", "text"),
    ),
    "int": (
        *(_infix(op, "int", "int") for op in ("+", "-", "*", "%", "&", "|", "^")),
        *(_shift, _clock_part, _clock_part, _template("(-{})", "int"), _template("(~{})", "int"), _template("(+{})", "int")),
        *(_template("({}).length", "text"), _template("({}).length", "texts"), _template("({}).length", "integers")),
        *(_template("int({})", "text"), _template("int({})", "number"), _template("bucket({}, {})", "text", "text")),
        *(_template(f"({{}}).{member}", "version") for member in ("major", "minor", "patch")),
        *(_template("({})[0]", "integers"), _template("({})[9]", "integers")),
    ),
    "number": (
        *(_infix(op, "number", "number") for op in ("+", "-", "*", "/", "%")),
        *(_infix("/", "int", "int"), _template("(-{})", "number"), _template("number({})", "text"), _template("number({})", "int")),
    ),
    "text": (
        *(_infix("+", "text", "text"), _to_text, _template("string(({})[1])", "texts")),
        *(_template(f"({{}}).{method}()", "text") for method in ("toLowerCase", "toUpperCase", "trim")),
        *(_template(f"({{}}).{member}", "version") for member in ("prerelease", "build")),
    ),
    "region": (_template("({} ? device.region : 'eu')", "bool"),),
    "version": (_conversion("version", VERSIONS), _template("({} ? {} : '1.4.2')", "bool", "version")),
    "timestamp": (
        *(_infix("+", "timestamp", "duration"), _infix("+", "duration", "timestamp"), _infix("-", "timestamp", "duration")),
        *(_time_literal, _conversion("timestamp", TIMESTAMPS)),
    ),
    "duration": (
        *(_infix("-", "timestamp", "timestamp"), _infix("+", "duration", "duration"), _infix("-", "duration", "duration")),
        *(_infix("*", "duration", "int"), _infix("*", "int", "duration"), _template("(-{})", "duration")),
        _conversion("duration", DURATIONS),
    ),
    "texts": (_template("({}).split('-')", "text"), _template("[{}, {}]", "text", "text")),
    "integers": (_template("[{}, {}, 6]", "int", "int"),),
}


SEEDS = st.integers(0, 2**24 - 1)
"""Seeds of `Random`; up to this size Hypothesis draws each number equally often."""


def policies(*, presence: bool = True) -> SearchStrategy[str]:
    """Well-typed policies over the properties of `SCHEMA`.

    A policy comes from a depth and a seed, not from a draw for each choice: Hypothesis then varies a few policies slightly, where
    the laws need many different ones. A counterexample still shrinks to the least depth.

    Args:
        presence: whether `has`, `??`, `== null` and `in` on objects occur, which speak of absence.
    """
    return st.builds(lambda depth, seed: write_policy(depth, seed, presence=presence), st.sampled_from([1, 2, 3, 4]), SEEDS)


def write_policy(depth: int, seed: int, *, presence: bool = True) -> str:
    """The policy of a depth and a seed, for laws that count what they check."""
    return _Writer(seed, presence=presence).write("bool", depth)


def compiled(text: str, schema: Schema | None = SCHEMA) -> Policy:
    """The policy of a text; where inference cannot tell a type, or finds two, the example is rejected."""
    try:
        return compile_policy(text, schema=schema)
    except PolicyTypeError as error:
        if schema is None and {diagnostic.code for diagnostic in error.diagnostics} <= {"PL207", "PL209"}:
            reject()
        raise


# --- Devices, updates, times ----------------------------------------------------------------------------------------------------

_BAD: tuple[Any, ...] = (None, [], {}, "bad", 2**53, float("inf"), -1.5, True, "\ud800", "a" * 5000, ["eu", None, 7], {"name": 5})
"""What no property, or hardly any, has for a value."""

_PROPERTIES: dict[str, tuple[Any, ...]] = {
    "id": ("device-1", "device-2", "device-3"),
    "version": VERSIONS,
    "pro": (True, False),
    "memory": INTEGERS,
    "flags": (*INTEGERS[:7], -3, 5.0),
    "load": (0, 0.5, 1.5, 2, 64.0, 1e300),
    "model": (*TEXTS, "1.5.0", "2026-03-01T23:30:00Z", "12h", "true"),
    "region": (*REGIONS, "unheard of"),
    "bootloader": VERSIONS,
    "seen": TIMESTAMPS,
    "uptime": DURATIONS,
    "tags": (["eu"], ["beta", "eu"], ["X100-pro", "beta", "512"], ["1.4.2"], []),
    "slots": ([1], [6, 2], [512, 0, 5], []),
    "ip": ADDRESSES,
    "timezone": (*ZONES, "Mars/Olympus"),
    "site": (
        {"name": "eu", "floor": 2, "is open": True},
        {"name": "12h", "floor": "6", "is open": "false", "room": None},
        {"floor": 0},
        {},
    ),
}
_UPDATE_PROPERTIES: dict[str, tuple[Any, ...]] = {
    "id": ("release-7", "release-8"),
    "version": VERSIONS,
    "published": TIMESTAMPS,
    "channel": ("beta", "eu", "stable"),
}


def text_of(value: Any) -> str:
    """What a simple client sends in place of a JSON value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    return str(value)


def _draw_properties(properties: Mapping[str, tuple[Any, ...]], seed: int) -> dict[str, Any]:
    """For each property a good value six times in nine; else its text, something bad, or nothing.

    One seed makes the whole object: a draw for each property would take most of the time of every law.
    """
    random = Random(seed)  # noqa: S311  test data
    drawn: dict[str, Any] = {}
    for name, values in properties.items():
        which, value = random.randrange(9), random.choice(values)
        if which < 6:
            drawn[name] = value
        elif which == 6:
            drawn[name] = value if isinstance(value, dict) else text_of(value)
        elif which == 7:
            drawn[name] = random.choice(_BAD)
    return drawn


def devices() -> SearchStrategy[dict[str, Any]]:
    """Devices that send the properties of `SCHEMA`, well typed for the most part, some as text, some badly, some not at all."""
    return SEEDS.map(lambda seed: _draw_properties(_PROPERTIES, seed))


def updates() -> SearchStrategy[dict[str, Any]]:
    """The metadata of updates, as careless as devices."""
    return SEEDS.map(lambda seed: _draw_properties(_UPDATE_PROPERTIES, seed))


def times() -> SearchStrategy[datetime | str | None]:
    """Evaluation times; None is an unknown time."""
    return st.sampled_from([None, *TIMESTAMPS, datetime(2026, 3, 1, 23, 30, tzinfo=UTC)])


@dataclass(frozen=True, slots=True, repr=False)
class Situation:
    """All that a policy is evaluated on."""

    device: Mapping[str, Any]
    update: Mapping[str, Any]
    now: datetime | str | None

    def __repr__(self) -> str:
        """The values, the very long texts among them cut."""
        shown = [
            {name: value[:9] + "…" if isinstance(value, str) and len(value) > 99 else value for name, value in each.items()}
            for each in (self.device, self.update)
        ]
        return f"Situation({shown[0]}, {shown[1]}, {self.now!r})"


def situations(count: int = 8) -> SearchStrategy[list[Situation]]:
    """Some devices, each with an update and a time: cheaper than as many examples of one."""
    return SEEDS.map(lambda seed: [draw_situation(seed + number) for number in range(count)])


_MOMENTS: list[datetime | str | None] = [None, *TIMESTAMPS, datetime(2026, 3, 1, 23, 30, tzinfo=UTC)]


def draw_situation(seed: int) -> Situation:
    """The situation of a seed."""
    device, update = _draw_properties(_PROPERTIES, seed), _draw_properties(_UPDATE_PROPERTIES, ~seed)
    return Situation(device, update, _MOMENTS[seed % len(_MOMENTS)])


# --- Anything at all ------------------------------------------------------------------------------------------------------------


class Odd:
    """An object of a program that no device can send; even comparing or printing it fails."""

    def __eq__(self, other: object) -> bool:
        """Fail."""
        raise RuntimeError(type(other))

    def __bool__(self) -> bool:
        """Fail."""
        raise RuntimeError

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]  # it cannot be a member of a set either


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


_ODDITIES: tuple[Any, ...] = (
    *("nan", "Infinity", "1e999", "-0", "0x10", "1_000", "٣", "TRUE", "tRuE ", "1.2", "v1.2.3", "2026-02-30T00:00:00Z", "P", "PT"),
    *(
        "[1,",
        "[" * 4000,
        "[NaN]",
        "[[1]]",
        "9" * 4096,
        "1." * 2000,
        "a" * 4097,
        "é" * 2049,
        "\x00",
        "10.0.0.0/8",
        "::ffff:10.1.2.3",
    ),
    *(
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
        "999999999999d",
        "PT999999999999H",
        "1.0.0-" + "9" * 99,
    ),
    *(
        _nested(3),
        _nested(500),
        Odd(),
        object(),
        {1, 2},
        10**4000,
        -(10**4000),
        Ellipsis,
        int,
        {1: 2},
        {None: {}},
        (1, "a"),
        range(3),
    ),
    *(5e-324, 1.7976931348623157e308, -0.0, float("nan"), float("-inf"), 2**53, -(2**53), 1e22, timedelta.min, timedelta.max),
)

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3),
    st.binary(max_size=5),
    st.datetimes(),
    st.integers(0, len(_ODDITIES) - 1).map(lambda at: _ODDITIES[at]),
)


def anything() -> SearchStrategy[Any]:
    """Values like those of JSON, and others that no JSON has."""
    return st.recursive(
        _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=8
    )


def wild_devices() -> SearchStrategy[Any]:
    """Devices whose properties have the right names and hold anything, and things that are no devices."""
    return st.dictionaries(st.sampled_from([*_PROPERTIES, *_UPDATE_PROPERTIES]), anything(), max_size=12) | devices() | anything()
