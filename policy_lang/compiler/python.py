"""The fast path: a policy as one Python function, tested against the reference closures.

The function is built as Python's syntax tree and compiled once for each *plan*; policies that differ in their constants only share
its code and bring their constants as the cells of a closure. Its text is registered with `linecache`, so that tracebacks and
`inspect.getsource` show it.
"""

import ast
import linecache
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from policy_lang.compiler.emit import NOT_PLAIN, Emitter, uses_closures
from policy_lang.compiler.facts import as_moment
from policy_lang.compiler.plan import Plan, Planner
from policy_lang.options import Options
from policy_lang.types.core import Core
from policy_lang.types.decode import decode_bool, decode_int, decode_number, is_text, version_cache

_SHAPES = 4096
"""Plans whose code is kept; realistic catalogs of 10,000 policies have a few hundred."""

Extra = Callable[[Any], tuple[Any, ...]]
"""From the `roots` argument to the values of the host's own roots."""


class Generated(NamedTuple):
    """A generated function and its text."""

    function: Callable[..., Any]
    source: str


def generate_matches(core: Core, options: Options, roots: tuple[str, ...], slow: Callable[..., Any], extra: Extra) -> Generated:
    """The function that says whether a policy is true.

    Args:
        core: the policy, bound or not.
        options: the host's options.
        roots: the names of the roots.
        slow: what to call with the same arguments where the device is not as simple as it could be.
        extra: the values of the host's own roots.
    """
    planner = Planner(options, roots)
    plan = planner.test(core, True)
    return _function(("matches", plan, len(roots)), planner.constants, options, slow, extra)


def generate_evaluate(core: Core, options: Options, roots: tuple[str, ...], slow: Callable[..., Any], extra: Extra) -> Generated:
    """The function that gives true, false or None; arguments are those of `generate_matches`."""
    planner = Planner(options, roots)
    plans = planner.test(core, True), planner.test(core, False)
    return _function(("evaluate", *plans, len(roots)), planner.constants, options, slow, extra)


def _function(shape: Plan, constants: list[Any], options: Options, slow: Callable[..., Any], extra: Extra) -> Generated:
    make, source = _factory(shape, len(constants))
    return Generated(make(slow, extra, version_cache(lenient=options.lenient_versions).sort_keys, *constants), source)


@lru_cache(maxsize=_SHAPES)
def _factory(shape: Plan, count: int) -> tuple[Callable[..., Any], str]:
    """The function that makes the policy's function from its constants, and its text."""
    module = ast.fix_missing_locations(_module(shape, count))
    source = ast.unparse(module)
    filename = f"<policy {sha256(source.encode()).hexdigest()[:16]}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
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
    return make, source


def _module(shape: Plan, count: int) -> ast.Module:
    """`def make(slow, extra, keys, c0, …)` around `def matches(device, update=None, now=None, *, roots=None)`."""
    label, *plans, root_count = shape
    emitter = Emitter(tuple(plans))
    body: list[ast.stmt] = _parse("if now is not None:\n    now = as_moment(now)")
    straight = emitter.reads()
    if any(map(uses_closures, plans)):
        facts = (
            "(device, update, now)" if root_count == len(("device", "update", "now")) else "(device, update, now, *extra(roots))"
        )
        straight = [*_parse(f"facts = {facts}"), *straight]
    first = emitter.test(plans[0])
    result = first if label == "matches" else _three_valued(first, emitter.test(plans[1]))
    straight.append(ast.Return(result))
    handler = ast.ExceptHandler(
        ast.Name("NOT_PLAIN", ast.Load()), None, _parse_body("return slow(device, update, now, roots=roots)")
    )
    body.append(ast.Try(straight, [handler], [], []))
    function = _signature(f"def {label}(device, update=None, now=None, *, roots=None): pass", body)
    names = ["slow", "extra", "keys", *(f"c{at}" for at in range(count))]
    outer = _signature(f"def make({', '.join(names)}): pass", [function, ast.Return(ast.Name(label, ast.Load()))])
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
