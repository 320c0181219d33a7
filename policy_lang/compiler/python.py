"""The fast path: a policy as one Python function, tested against the reference closures.

The function is built as Python's syntax tree and compiled once for each *plan*; policies that differ in their constants only share
its code and bring their constants as the one cell of a closure. Its text is registered with `linecache`, so that tracebacks and
`inspect.getsource` show it.
"""

import ast
import linecache
import weakref
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from sys import intern
from types import CodeType
from typing import Any, NamedTuple

from policy_lang.compiler.emit import NOT_PLAIN, Emitter, Window, uses_closures, windows_of
from policy_lang.compiler.facts import ROOTS, as_moment, reader
from policy_lang.compiler.plan import Plan, Planner
from policy_lang.compiler.verdicts import learning, window
from policy_lang.options import Options
from policy_lang.types.core import Core
from policy_lang.types.decode import decode_bool, decode_int, decode_number, is_text, version_cache

_SHAPES = 4096
"""Plans whose code is kept; realistic catalogs of 10,000 policies have a few hundred."""

Extra = Callable[[Any], tuple[Any, ...]]
"""From the `roots` argument to the values of the host's own roots."""


Shared = Callable[[tuple[Any, ...], Any, None, datetime | None, Any], bool]
"""A function that several policies share: from the environment of one and the arguments of `Policy.matches` to its answer."""


class Generated(NamedTuple):
    """A generated function and its text."""

    function: Callable[..., Any]
    source: str


def generate_matches(
    core: Core, options: Options, roots: tuple[str, ...], slow: Callable[..., Any], extra: Extra, *, is_bound: bool = False
) -> Generated:
    """The function that says whether a policy is true.

    Args:
        core: the policy, bound or not.
        options: the host's options.
        roots: the names of the roots.
        slow: what to call with the same arguments where the device is not as simple as it could be.
        extra: the values of the host's own roots.
        is_bound: whether the device is always a plain dict that has a version, so that reading it may raise.
    """
    planner = Planner(options, roots)
    plan = planner.test(core, True)
    return _function(("bound" if is_bound else "matches", plan, len(roots)), planner.constants, options, slow, extra)


def generate_shared(
    core: Core, options: Options, roots: tuple[str, ...], slow: Callable[..., Any], extra: Extra
) -> tuple[Shared, tuple[Any, ...]]:
    """The same for a bound policy as a function that all policies of its shape share, and what to call it with first.

    Of thousands of policies few are in the processor's caches when a device comes; this way each has one object of its own.
    """
    planner = Planner(options, roots)
    shape = ("shared", planner.test(core, True), len(roots))
    constants = planner.constants
    function, _ = _factory(shape, len(constants), options.lenient_versions)
    return function, _environment(shape, constants, options, slow, extra)


def generate_evaluate(core: Core, options: Options, roots: tuple[str, ...], slow: Callable[..., Any], extra: Extra) -> Generated:
    """The function that gives true, false or None; arguments are those of `generate_matches`."""
    planner = Planner(options, roots)
    plans = planner.test(core, True), planner.test(core, False)
    return _function(("evaluate", *plans, len(roots)), planner.constants, options, slow, extra)


def _function(shape: Plan, constants: list[Any], options: Options, slow: Callable[..., Any], extra: Extra) -> Generated:
    make, source = _factory(shape, len(constants), options.lenient_versions)
    return Generated(make(_environment(shape, constants, options, slow, extra)), source)


def _environment(shape: Plan, constants: list[Any], options: Options, slow: Callable[..., Any], extra: Extra) -> tuple[Any, ...]:
    """All that a policy has of its own: its constants, what its windows remember, then `slow` and `extra`."""
    windows = [
        (reader(path, ROOTS), window(constants[low], constants[high], lenient=options.lenient_versions))
        for path, low, high in _windows(shape)
    ]
    slow = learning(slow, windows) if windows else slow
    shared = (intern(each) if type(each) is str else each for each in constants)
    return (*shared, *(each.known for _, each in windows), slow, extra)


def _windows(shape: Plan) -> list[Window]:
    """The windows of the plans of a shape, each once."""
    return list(dict.fromkeys(each for plan in shape[1:-1] for each in windows_of(plan)))


@lru_cache(maxsize=_SHAPES)
def _factory(shape: Plan, count: int, is_lenient: bool) -> tuple[Callable[..., Any], str]:  # noqa: FBT001  a key
    """The function that makes the policy's function from its constants, or the shared one; and the text."""
    module = ast.fix_missing_locations(_module(shape, count))
    source = ast.unparse(module)
    filename = f"<policy {sha256(source.encode()).hexdigest()[:16]}>"
    namespace: dict[str, Any] = {
        "NOT_PLAIN": NOT_PLAIN,
        "as_moment": as_moment,
        "decode_bool": decode_bool,
        "decode_int": decode_int,
        "decode_number": decode_number,
        "is_text": is_text,
        "keys": version_cache(lenient=is_lenient).sort_keys,
    }
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102  our own emitter's text; a policy's texts are constants
    made: Callable[..., Any] = namespace["matches" if shape[0] == "shared" else "make"]
    codes = [each for each in made.__code__.co_consts if isinstance(each, CodeType)]
    _show_source(codes[0] if codes else made.__code__, filename, source)
    return made, source


def _show_source(code: CodeType, filename: str, source: str) -> None:
    """Let tracebacks and `inspect` show the text, as long as any policy runs the code."""
    entry = (len(source), None, source.splitlines(keepends=True), filename)
    linecache.cache[filename] = entry
    weakref.finalize(code, _forget_source, filename, entry).atexit = False


def _forget_source(filename: str, entry: object) -> None:
    """Drop a text; where the same code was generated again meanwhile, the text is that one's now."""
    if linecache.cache.get(filename) is entry:
        del linecache.cache[filename]


def _module(shape: Plan, count: int) -> ast.Module:
    """`def make(c)` around `def matches(device, update=None, now=None, roots=None)`; or the latter with `c` as its first argument.

    `c` is the policy's environment. A cell for each constant would be an object for each, and every one is touched on every call.
    """
    label, *plans, root_count = shape
    windows = {each: count + at for at, each in enumerate(_windows(shape))}
    slow = count + len(windows)
    emitter = Emitter(tuple(plans), windows, is_bound=label in {"bound", "shared"})
    body: list[ast.stmt] = []
    straight = emitter.reads()
    if any(map(uses_closures, plans)):
        body.extend(_parse("if now is not None:\n    now = as_moment(now)"))
        has_extra = root_count > len(ROOTS)
        straight = [*_parse(f"facts = (device, update, now{f', *c[{slow + 1}](roots)' if has_extra else ''})"), *straight]
    first = emitter.test(plans[0])
    result = _three_valued(first, emitter.test(plans[1])) if label == "evaluate" else first
    straight.append(ast.Return(result))
    fallback = _parse_body(f"slow = c[{slow}]\n    return slow(device, update, now, roots=roots)")
    body.append(ast.Try(straight, [ast.ExceptHandler(ast.Name("NOT_PLAIN", ast.Load()), None, fallback)], [], []))
    if label == "shared":
        return ast.Module([_signature("def matches(c, device, update, now, roots): pass", body)], [])
    name = "matches" if label == "bound" else label
    function = _signature(f"def {name}(device, update=None, now=None, roots=None): pass", body)
    outer = _signature("def make(c): pass", [function, ast.Return(ast.Name(name, ast.Load()))])
    return ast.Module([outer], [])


def _three_valued(is_true: ast.expr, is_false: ast.expr) -> ast.expr:
    return ast.IfExp(is_true, ast.Constant(True), ast.IfExp(is_false, ast.Constant(False), ast.Constant(None)))


def _parse(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _parse_body(text: str) -> list[ast.stmt]:
    """Statements that stand only inside a function."""
    (function,) = _parse(f"def f():\n    {text}")
    return function.body if isinstance(function, ast.FunctionDef) else []


def _signature(text: str, body: list[ast.stmt]) -> ast.stmt:
    (function,) = _parse(text)
    if isinstance(function, ast.FunctionDef):
        function.body = body
    return function
