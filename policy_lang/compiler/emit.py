"""Plans to Python: one small function per test, giving an expression of Python's own syntax tree.

The expressions are optimistic. Where a property is missing, is a text that must be decoded first, or is of another type, they
raise one of `NOT_PLAIN` or ask a helper, and the generated function falls back to the reference closures. So the straight path
checks only what would otherwise give a wrong answer without raising:

* an equality with a text is true for that text only, whatever the raw value is;
* a version is looked up by its text; one that was not seen before is missing there, an invalid one is None, which does not order;
* a number must be an int in range, else a helper decodes it, for `True >= 1` would be true;
* a negative test must know that the text is one.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from policy_lang.compiler.plan import Plan
from policy_lang.types.core import Path
from policy_lang.types.decode import LARGEST_INTEGER

NOT_PLAIN = (AttributeError, IndexError, KeyError, TypeError)
"""What reading a property raises where a device is not as simple as it could be."""

_SURE: frozenset[Path] = frozenset({("device", "version"), ("update", "version")})
"""What every device and every update has, and in a proper form: comparing it may raise, for it hardly ever will."""

Window: TypeAlias = tuple[Path, int, int]
"""Versions between two constants: the property, and the positions of both."""

_OPERATORS: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "is": ast.Is(),
    "is not": ast.IsNot(),
    "in": ast.In(),
    "not in": ast.NotIn(),
}


def paths_of(plan: Plan) -> Iterator[Path]:
    """The properties that a plan reads by itself, once for each time."""
    match plan:
        case ("and" | "or", plans):
            for each in plans:
                yield from paths_of(each)
        case ("version_less" | "version_is", left, right, _):
            yield from (side[1] for side in (left, right) if side[0] == "key")
        case ("table", paths, version, _):
            yield from paths
            yield from () if version is None else (version,)
        case ("always",) | ("never",) | ("closure", *_) | ("has", *_):
            return
        case _:
            yield plan[1]


def windows_of(plan: Plan) -> Iterator[Window]:
    """The windows of versions in a plan."""
    match plan:
        case ("and" | "or", plans):
            for each in plans:
                yield from windows_of(each)
        case ("bounds", path, int(low), int(high)):
            yield path, low, high
        case _:
            return


def uses_closures(plan: Plan) -> bool:
    """Whether a test is left to a reference closure, or asks for presence, and needs the facts."""
    return any(map(uses_closures, plan[1])) if plan[0] in {"and", "or"} else plan[0] == "closure"


class Emitter:
    """Emits the tests of one function.

    Attributes:
        hoisted: the properties that are read once, ahead of the tests, and the names that hold them.
    """

    def __init__(self, plans: tuple[Plan, ...], windows: Mapping[Window, int], *, is_bound: bool) -> None:
        """Hoist what the plans read more than once.

        Args:
            plans: all that the function tests.
            windows: where each window of versions stands among the constants.
            is_bound: whether the policy is asked about plain dicts only.
        """
        self._is_bound = is_bound
        self._windows = windows
        counts = Counter(path for plan in plans for path in paths_of(plan))
        self.hoisted: dict[Path, str] = {path: f"v{at}" for at, path in enumerate(path for path in counts if counts[path] > 1)}
        self._temporaries = 0

    def reads(self) -> list[ast.stmt]:
        """The assignments of the hoisted properties."""
        return [ast.Assign([ast.Name(name, ast.Store())], self._get(path)) for path, name in self.hoisted.items()]

    def test(self, plan: Plan) -> ast.expr:
        """The expression of a test: true where it holds; else false, or it raises one of `NOT_PLAIN`."""
        match plan:
            case ("always",):
                return ast.Constant(True)
            case ("never",):
                return ast.Constant(False)
            case ("and", plans):
                return ast.BoolOp(ast.And(), [self.test(each) for each in plans])
            case ("or", plans):
                return ast.BoolOp(ast.Or(), [self.test(each) for each in plans])
            case ("closure", at, wanted):
                return compare(call(constant(at), name("facts")), "is", ast.Constant(wanted))
            case ("has", path, wanted):
                return compare(self._get(path), "is not" if wanted else "is", ast.Constant(None))
            case ("bool", path, wanted):
                return self._bool(path, wanted)
            case ("number", path, is_int, op, at):
                return self._number(path, is_int, op, at)
            case ("text_is", path, at):
                return compare(self._raw(path), "==", constant(at))
            case ("text_in", path, at):
                return compare(self._raw(path), "in", constant(at))
            case ("text_is_not", path, at, longest):
                return self._known_text(path, longest, lambda raw: compare(raw, "!=", constant(at)))
            case ("text_not_in", path, at, longest):
                return self._known_text(path, longest, lambda raw: compare(raw, "not in", constant(at)))
            case ("text", path, method, at, wanted, longest):
                return self._known_text(path, longest, lambda raw: _text_test(raw, method, at, wanted))
            case ("bounds", path, low, high):
                return self._bounds(path, low, high)
            case ("version_less", left, right, wanted):
                return self._known_versions(left, right, "<" if wanted else ">=")
            case ("version_is", left, right, wanted):
                return self._known_versions(left, right, "==" if wanted else "!=")
            case ("version_in", path, at, wanted):
                return self._version_in(path, at, wanted)
            case ("table", paths, version, at):
                return self._table(paths, version, at)
            case _:
                raise TypeError(plan)

    def _get(self, path: Path) -> ast.expr:
        """A property that may well be missing: nothing is raised then, which would be dear, and no `defaultdict` makes one up."""
        value = name(str(path[0]))
        if self._is_bound and path in _SURE:
            return ast.Subscript(value, ast.Constant(path[1]), ast.Load())
        for step in path[1:]:
            value = call(ast.Attribute(value, "get", ast.Load()), ast.Constant(step))
        return value

    def _raw(self, path: Path) -> ast.expr:
        return name(self.hoisted[path]) if path in self.hoisted else self._get(path)

    def _held(self, path: Path) -> tuple[ast.expr, ast.expr]:
        """A raw value for its first use and for its later ones: held in a name that the first one assigns."""
        return (name(self.hoisted[path]),) * 2 if path in self.hoisted else self._hold(self._get(path))

    def _hold(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        self._temporaries += 1
        temporary = f"t{self._temporaries}"
        return ast.NamedExpr(ast.Name(temporary, ast.Store()), value), name(temporary)

    def _bool(self, path: Path, wanted: bool) -> ast.expr:  # noqa: FBT001  which of the two values is asked for
        """The value itself, or a text that says so."""
        first, again = self._held(path)
        decoded = compare(call(name("decode_bool"), again), "is", ast.Constant(wanted))
        other = compare(again, "is not", ast.Constant(not wanted))
        return _or(compare(first, "is", ast.Constant(wanted)), _and(other, decoded))

    def _number(self, path: Path, is_int: bool, op: str, at: int) -> ast.expr:  # noqa: FBT001  part of the plan
        first, again = self._held(path)
        bounds = [ast.UnaryOp(ast.USub(), ast.Constant(LARGEST_INTEGER)), again, ast.Constant(LARGEST_INTEGER)]
        in_range = ast.Compare(bounds[0], [ast.LtE(), ast.LtE()], bounds[1:])
        decoded, known = self._hold(call(name("decode_int" if is_int else "decode_number"), again))
        otherwise = _and(compare(decoded, "is not", ast.Constant(None)), compare(known, op, constant(at)))
        return ast.IfExp(_and(_is_class(first, "int"), in_range), compare(again, op, constant(at)), otherwise)

    def _known_text(self, path: Path, longest: int, test: Any) -> ast.expr:
        """A test of a text that must be known: short enough, and valid Unicode."""
        first, again = self._held(path)
        length = compare(call(name("len"), again), "<=", ast.Constant(longest))
        ascii_ = call(ast.Attribute(again, "isascii", ast.Load()))
        valid = _or(_and(ascii_, length), call(name("is_text"), again, ast.Constant(longest)))
        return _and(_is_class(first, "str"), test(again), valid)

    def _key(self, path: Path) -> ast.expr:
        """The key of a version by its text; None where the text is no version."""
        return ast.Subscript(name("keys"), self._raw(path), ast.Load())

    def _version(self, side: Plan) -> ast.expr:
        return self._key(side[1]) if side[0] == "key" else constant(side[1])

    def _bounds(self, path: Path, low: int | None, high: int | None) -> ast.expr:
        """`low <= key`, `key < high`, where a key that is None raises; for both, the answer that the window remembers."""
        if low is None:
            return self._known_key(path, "<", constant(high))
        if high is None:
            return self._known_key(path, ">=", constant(low))
        return ast.Subscript(constant(self._windows[path, low, high]), self._raw(path), ast.Load())

    def _known_key(self, path: Path, op: str, bound: ast.expr) -> ast.expr:
        """A comparison of a version that must be known; None does not order, and raises."""
        if path in _SURE:
            return compare(self._key(path), op, bound)
        first, again = self._hold(self._key(path))
        return _and(compare(first, "is not", ast.Constant(None)), compare(again, op, bound))

    def _known_versions(self, left: Plan, right: Plan, op: str) -> ast.expr:
        """Two versions that must be known: two invalid ones are no equal versions."""
        tests, sides = [], []
        for side in (left, right):
            value = self._version(side)
            if side[0] == "key" and (side[1] not in _SURE or op in {"==", "!="}):
                first, value = self._hold(value)
                tests.append(compare(first, "is not", ast.Constant(None)))
            sides.append(value)
        return _and(*tests, compare(sides[0], op, sides[1]))

    def _version_in(self, path: Path, at: int, wanted: bool) -> ast.expr:  # noqa: FBT001  part of the plan
        if wanted:
            return compare(self._key(path), "in", constant(at))
        first, again = self._hold(self._key(path))
        return _and(compare(first, "is not", ast.Constant(None)), compare(again, "not in", constant(at)))

    def _table(self, paths: tuple[Path, ...], version: Path | None, at: int) -> ast.expr:
        """One look-up per text instead of a test per alternative."""
        tests: list[ast.expr] = []
        table: ast.expr = constant(at)
        for path in paths:
            found = call(ast.Attribute(table, "get", ast.Load()), self._raw(path))
            first, table = self._hold(found)
            tests.append(compare(first, "is not", ast.Constant(None)))
        if version is not None:
            tests.append(self._known_key(version, ">=", table))
        return _and(*tests)


def name(text: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(text, ast.Load())


def constant(at: int | None) -> ast.expr:
    """A constant of the policy: those of its plan first, then what `policy_lang.compiler.python` adds."""
    return ast.Subscript(name("c"), ast.Constant(at), ast.Load())


def call(function: ast.expr, *args: ast.expr) -> ast.expr:
    """A call."""
    return ast.Call(function, list(args), [])


def compare(left: ast.expr, op: str, right: ast.expr) -> ast.expr:
    """A comparison."""
    return ast.Compare(left, [_OPERATORS[op]], [right])


def _and(*tests: ast.expr) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), list(tests))


def _or(*tests: ast.expr) -> ast.expr:
    return ast.BoolOp(ast.Or(), list(tests))


def _is_class(value: ast.expr, class_name: str) -> ast.expr:
    return compare(ast.Attribute(value, "__class__", ast.Load()), "is", name(class_name))


def _text_test(raw: ast.expr, method: str, at: int, wanted: bool) -> ast.expr:  # noqa: FBT001  part of the plan
    if method == "in":
        return compare(constant(at), "in" if wanted else "not in", raw)
    result = call(ast.Attribute(raw, method, ast.Load()), constant(at))
    return result if wanted else ast.UnaryOp(ast.Not(), result)
