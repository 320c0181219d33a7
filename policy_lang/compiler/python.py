"""The fast path: a policy as one Python function, tested against the reference closures.

The function is built as Python's syntax tree and compiled once for each *plan*; policies that differ in their constants only share
its code and bring their constants as the cells of a closure. Its text is registered with `linecache`, so that tracebacks and
`inspect.getsource` show it.
"""

import ast
import linecache
import weakref
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from types import CodeType
from typing import Any, NamedTuple

from policy_lang.compiler.emit import NOT_PLAIN, Emitter, uses_closures, window_name, windows_of
from policy_lang.compiler.facts import ROOTS, as_moment, reader
from policy_lang.compiler.plan import Plan, Planner
from policy_lang.compiler.verdicts import learning, window
from policy_lang.options import Options
from policy_lang.types.core import Core, Path
from policy_lang.types.decode import decode_bool, decode_int, decode_number, is_text, version_cache

_SHAPES = 4096
"""Plans whose code is kept; realistic catalogs of 10,000 policies have a few hundred."""

Extra = Callable[[Any], tuple[Any, ...]]
"""From the `roots` argument to the values of the host's own roots."""


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


def generate_evaluate(core: Core, options: Options, roots: tuple[str, ...], slow: Callable[..., Any], extra: Extra) -> Generated:
    """The function that gives true, false or None; arguments are those of `generate_matches`."""
    planner = Planner(options, roots)
    plans = planner.test(core, True), planner.test(core, False)
    return _function(("evaluate", *plans, len(roots)), planner.constants, options, slow, extra)


def _function(shape: Plan, constants: list[Any], options: Options, slow: Callable[..., Any], extra: Extra) -> Generated:
    make, source = _factory(shape, len(constants))
    keys = version_cache(lenient=options.lenient_versions).sort_keys
    windows = [
        (reader(path, ROOTS), window(constants[low], constants[high], lenient=options.lenient_versions))
        for path, low, high in _windows(shape)
    ]
    slow = learning(slow, windows) if windows else slow
    return Generated(make(slow, extra, keys, *constants, *(each.known for _, each in windows)), source)


def _windows(shape: Plan) -> list[tuple[Path, int, int]]:
    """The windows of the plans of a shape, each once."""
    return list(dict.fromkeys(each for plan in shape[1:-1] for each in windows_of(plan)))


@lru_cache(maxsize=_SHAPES)
def _factory(shape: Plan, count: int) -> tuple[Callable[..., Any], str]:
    """The function that makes the policy's function from its constants, and its text."""
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
    }
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102  our own emitter's text; a policy's texts are constants
    make: Callable[..., Any] = namespace["make"]
    _show_source(make, filename, source)
    return make, source


def _show_source(make: Callable[..., Any], filename: str, source: str) -> None:
    """Let tracebacks and `inspect` show the text, as long as any policy runs the code."""
    entry = (len(source), None, source.splitlines(keepends=True), filename)
    linecache.cache[filename] = entry
    inner = next(each for each in make.__code__.co_consts if isinstance(each, CodeType))
    weakref.finalize(inner, _forget_source, filename, entry).atexit = False


def _forget_source(filename: str, entry: object) -> None:
    """Drop a text; where the same code was generated again meanwhile, the text is that one's now."""
    if linecache.cache.get(filename) is entry:
        del linecache.cache[filename]


def _module(shape: Plan, count: int) -> ast.Module:
    """`def make(slow, extra, keys, c0, …)` around `def matches(device, update=None, now=None, roots=None)`."""
    label, *plans, root_count = shape
    emitter = Emitter(tuple(plans), is_bound=label == "bound")
    body: list[ast.stmt] = []
    straight = emitter.reads()
    if any(map(uses_closures, plans)):
        body.extend(_parse("if now is not None:\n    now = as_moment(now)"))
        facts = (
            "(device, update, now)" if root_count == len(("device", "update", "now")) else "(device, update, now, *extra(roots))"
        )
        straight = [*_parse(f"facts = {facts}"), *straight]
    first = emitter.test(plans[0])
    result = _three_valued(first, emitter.test(plans[1])) if label == "evaluate" else first
    straight.append(ast.Return(result))
    handler = ast.ExceptHandler(
        ast.Name("NOT_PLAIN", ast.Load()), None, _parse_body("return slow(device, update, now, roots=roots)")
    )
    body.append(ast.Try(straight, [handler], [], []))
    name = "matches" if label == "bound" else label
    function = _signature(f"def {name}(device, update=None, now=None, roots=None): pass", body)
    windows = [window_name(low, high) for _, low, high in _windows(shape)]
    names = ["slow", "extra", "keys", *(f"c{at}" for at in range(count)), *windows]
    outer = _signature(f"def make({', '.join(names)}): pass", [function, ast.Return(ast.Name(name, ast.Load()))])
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
