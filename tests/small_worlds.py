"""Small policies over few properties, and all the situations that make a difference to them.

Literals come from small pools, so that contradictions are frequent. The values of a property lie at, between and around all its
literals, beside "missing" and "cannot be decoded": what no situation of such a world gives, no situation gives.
"""

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any, TypeAlias

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import ROOTS, Facts, as_moment
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.types.core import Core, Fact, Has, descendants
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "m": {"type": "integer"},
            "x": {"type": "number"},
            "d": {"type": "integer", "default": 2},
            "t": {"type": "string"},
            "u": {"type": "string"},
            "e": {"enum": ["x", "y", "z"]},
            "p": {"type": "boolean"},
            "v": {"type": "string", "format": "semver"},
            "seen": {"type": "string", "format": "date-time"},
            "up": {"type": "string", "format": "duration"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "ip": {"type": "string"},
            "o": {"type": "object", "properties": {"k": {"type": "integer"}}},
        },
    }
)

_Write: TypeAlias = Callable[[Random], str]

_ABSENT = object()
_INTEGERS = ("1", "2", "3")
_NUMBERS = ("1", "2", "2.5")
_VERSIONS = ("'1.0.0-rc'", "'1.0.0'", "'1.0.1-0'", "'2.0.0'")
_TEXTS = ("'a'", "'ab'", "'b'")
_MOMENTS = ("'2026-01-01T00:00:00Z'", "'2026-01-01T06:00:00Z'", "'2026-01-02T00:00:00Z'")
_LENGTHS = ("'1h'", "'1d'")

_VALUES: dict[str, tuple[Any, ...]] = {
    "device.n": (-1, 0, 1, 2, 3, 4, "bad", _ABSENT),
    "device.m": (-1, 0, 1, 2, 3, 4, "bad", _ABSENT),
    "device.x": (-2, -1, 0, 0.5, 1, 1.5, 2, 2.25, 2.5, 3, 5, "bad", _ABSENT),
    "device.d": (-1, 0, 1, 2, 3, 4, 5, "bad", _ABSENT),
    "device.t": (
        "",
        "a",
        "aa",
        "aab",
        "ab",
        "abb",
        "abc",
        "b",
        "ba",
        "bac",
        "bab",
        "c",
        "ca",
        "cb",
        "cab",
        "abca",
        "AAA",
        "aaa",
        5,
        _ABSENT,
    ),
    "device.u": (
        "",
        "a",
        "aa",
        "aab",
        "ab",
        "abb",
        "abc",
        "b",
        "ba",
        "bac",
        "bab",
        "c",
        "ca",
        "cb",
        "cab",
        "abca",
        "AAA",
        "aaa",
        5,
        _ABSENT,
    ),
    "device.e": ("x", "y", "z", "other", _ABSENT),
    "device.p": (True, False, "bad", _ABSENT),
    "device.v": (
        "0.9.0",
        "1.0.0-a",
        "1.0.0-rc",
        "1.0.0-rc.0",
        "1.0.0",
        "1.0.1-0",
        "1.5.0",
        "1.5.0-a",
        "2.0.0-a",
        "2.0.0",
        "2.1.0",
        "3.0.0-a",
        "bad",
        _ABSENT,
    ),
    "update.version": (
        "0.9.0",
        "1.0.0-a",
        "1.0.0-rc",
        "1.0.0-rc.0",
        "1.0.0",
        "1.0.1-0",
        "1.5.0",
        "1.5.0-a",
        "2.0.0-a",
        "2.0.0",
        "2.1.0",
        "3.0.0-a",
        "bad",
        _ABSENT,
    ),
    "device.seen": (
        *(f"{day}T{hour:02}:30:00Z" for day in ("2025-12-31", "2026-01-01", "2026-01-02") for hour in (0, 2, 5, 6, 13, 23)),
        *("2026-01-01T00:00:00Z", "2026-01-01T06:00:00Z", "2026-01-02T00:00:00Z", "bad", _ABSENT),
    ),
    "now": (
        *(f"{day}T{hour:02}:30:00Z" for day in ("2025-12-31", "2026-01-01", "2026-01-02") for hour in (0, 2, 5, 6, 13, 23)),
        *("2026-01-01T00:00:00Z", "2026-01-01T06:00:00Z", "2026-01-02T00:00:00Z", _ABSENT),
    ),
    "device.up": ("0s", "1h", "2h", "1d", "2d", "bad", _ABSENT),
    "device.tags": ([], ["a"], ["b"], ["a", "b"], ["a", None], ["b", None], [None], 5, _ABSENT),
    "device.ip": ("9.0.0.1", "10.0.0.1", "10.1.0.1", "11.0.0.1", "::1", "bad", 5, _ABSENT),
    "device.o": ({}, {"k": 1}, {"k": 2}, {"k": 3}, {"k": "bad"}, 5, _ABSENT),
    "device.id": ("device-3", "device-2", "device-12", "", 5, _ABSENT),
    "update.id": ("release-7", _ABSENT),
}
"""The values of each property that make all the differences that the literals can show."""


def _compare(random: Random, left: str, literals: tuple[str, ...], ops: tuple[str, ...]) -> str:
    return f"{left} {random.choice(ops)} {random.choice(literals)}"


_EQUALITY = ("==", "!=")
_ORDER = ("<", "<=", ">", ">=", "==", "!=")
_AFFIX = ("^=", "$=", "><", "^!=", "$!=", "<>")


def _number(path: str, literals: tuple[str, ...]) -> _Write:
    def write(random: Random) -> str:
        return random.choice(
            (
                _compare(random, path, literals, _ORDER),
                _compare(random, path, literals, _ORDER),
                f"{path} {random.choice(('in', 'not in'))} [{', '.join(random.sample(literals, 2))}]",
                f"has({path})",
                f"({path} ?? {random.choice(literals)}) {random.choice(_ORDER)} {random.choice(literals)}",
            )
        )

    return write


def _text(path: str) -> _Write:
    def write(random: Random) -> str:
        return random.choice(
            (
                _compare(random, path, _TEXTS, (*_EQUALITY, *_AFFIX, "<", ">=")),
                _compare(random, path, _TEXTS, _AFFIX),
                f"{path} in ['a', {random.choice(_TEXTS)}]",
                f"{path}.length {random.choice(_ORDER)} {random.choice(('1', '2'))}",
                f"has({path})",
                f"({path} ?? {random.choice(_TEXTS)}) {random.choice(_AFFIX)} {random.choice(_TEXTS)}",
            )
        )

    return write


def _version(path: str) -> _Write:
    def write(random: Random) -> str:
        ranges = ("'^1.0.0'", "'<1.0.0 || >=2.0.0'", "'1.0.x'")
        return random.choice(
            (
                _compare(random, path, _VERSIONS, _ORDER),
                _compare(random, path, _VERSIONS, _ORDER),
                f"satisfies({path}, {random.choice(ranges)})",
                f"{path}.major {random.choice(_ORDER)} {random.choice(('1', '2'))}",
                f"{path} in [{', '.join(random.sample(_VERSIONS, 2))}]",
            )
        )

    return write


def _moment(path: str) -> _Write:
    def write(random: Random) -> str:
        window = f"inWindow({random.choice(('01:00', '05:00'))!r}, {random.choice(('06:00', '00:00'))!r})"
        choices = (
            _compare(random, path, _MOMENTS, _ORDER),
            _compare(random, path, _MOMENTS, _ORDER),
            f"hour({path}, 'UTC') {random.choice(_ORDER)} {random.choice(('2', '6'))}",
            window if path == "now" else _compare(random, path, _MOMENTS, _ORDER),
        )
        return random.choice(choices)

    return write


_WRITERS: dict[str, _Write] = {
    "device.n": _number("device.n", _INTEGERS),
    "device.m": _number("device.m", _INTEGERS),
    "device.x": _number("device.x", _NUMBERS),
    "device.d": _number("device.d", _INTEGERS),
    "device.t": _text("device.t"),
    "device.u": _text("device.u"),
    "device.e": lambda random: random.choice(
        (
            _compare(random, "device.e", ("'x'", "'y'", "'z'"), _EQUALITY),
            f"device.e {random.choice(('in', 'not in'))} ['x', {random.choice(('`y`', '`z`'))}]".replace("`", "'"),
            _compare(random, "device.e", ("'y'",), ("<", ">=", "^=")),
        )
    ),
    "device.p": lambda random: random.choice(
        ("device.p", "!device.p", "device.p == true", "device.p != true", "has(device.p)", "(device.p ?? false)")
    ),
    "device.v": _version("device.v"),
    "update.version": _version("update.version"),
    "device.seen": _moment("device.seen"),
    "now": _moment("now"),
    "device.up": lambda random: _compare(random, "device.up", _LENGTHS, _ORDER),
    "device.tags": lambda random: random.choice(
        ("'a' in device.tags", "'b' in device.tags", "'a' not in device.tags", "device.tags >< 'a'", "has(device.tags)")
    ),
    "device.ip": lambda random: f"inCidr(device.ip, '{random.choice(('10.0.0.0/8', '10.1.0.0/16', '11.0.0.0/8'))}')",
    "device.o": lambda random: random.choice(
        ("has(device.o)", "has(device.o.k)", "device.o.k == 2", "device.o.k < 2", "'k' in device.o", "device.o.k >= 2")
    ),
    "device.id": lambda random: f"rollout({random.choice(('0', '10', '50', '100'))})",
}
_PAIRS = (
    ("device.n", "device.m"),
    ("device.n", "device.x"),
    ("device.n", "device.d"),
    ("device.t", "device.u"),
    ("device.v", "update.version"),
    ("device.seen", "now"),
)


def small_policy(random: Random) -> str:
    """A policy about one to three properties."""
    names = _names(random)
    pairs = [pair for pair in _PAIRS if set(pair) <= set(names)]

    def atom() -> str:
        if pairs and random.random() < 0.4:
            left, right = random.choice(pairs)
            return f"{left} {random.choice(_ORDER)} {right}"
        return _WRITERS[random.choice(names)](random)

    def write(depth: int) -> str:
        which = random.random()
        if depth == 0 or which < 0.2:
            return atom()
        if which < 0.3:
            return f"!({write(depth - 1)})"
        if which < 0.36:
            return f"({write(depth - 1)} ? {write(depth - 1)} : {write(depth - 1)})"
        if which < 0.4:
            return f"(({write(depth - 1)}) ?? ({write(depth - 1)}))"
        op = random.choice((" && ", " && ", " || "))
        return f"({op.join(write(depth - 1) for _ in range(random.choice((2, 2, 3))))})"

    return write(random.choice((1, 2, 2, 3)))


def _names(random: Random) -> list[str]:
    if random.random() < 0.4:
        pair = list(random.choice(_PAIRS))
        return pair if random.random() < 0.6 else [*pair, random.choice(list(_WRITERS))]
    return random.sample(list(_WRITERS), random.choice((1, 1, 2)))


def _names_in(core: Core) -> list[str]:
    """The properties that a policy is about."""
    paths = (node.path for node in descendants(core) if isinstance(node, Fact | Has))
    return sorted({".".join(map(str, path[:2])) for path in paths})


def _facts(values: dict[str, Any]) -> Facts:
    roots: dict[str, dict[str, Any]] = {"device": {}, "update": {}}
    for name, value in values.items():
        root, _, key = name.partition(".")
        if key and value is not _ABSENT:
            roots[root][key] = value
    now = values.get("now", _ABSENT)
    return roots["device"], roots["update"], as_moment(None if now is _ABSENT else now)


def some_worlds(core: Core, random: Random, count: int) -> list[Facts]:
    """Some situations that differ in the properties of a policy."""
    names = _names_in(core)
    return [_facts({name: random.choice(_VALUES[name]) for name in names}) for _ in range(count)]


def results(core: Core, random: Random) -> set[bool | None]:
    """The results that some situation gives: all situations are tried, in a random order, until all three were seen."""
    evaluate = compile_expr(core, DEFAULT_OPTIONS, ROOTS)
    names = _names_in(core)
    found: set[bool | None] = set()
    for combination in product(*(random.sample(_VALUES[name], len(_VALUES[name])) for name in names)):
        found.add(evaluate(_facts(dict(zip(names, combination, strict=True)))))
        if len(found) == len((True, False, None)):
            break
    return found
