"""The rewrites, each by its golden file `tests/cases/optimizer/<rewrite>.policy`, and what decides whether they run.

A golden file is cut by lines `---`. Each part is a policy, a line `// becomes`, and the tree that the rewrite alone makes of it. A
first line `// declared` compiles it with the schema of the strategies.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_never

import pytest
import strategies

from policy_lang.compiler.explain import show_value
from policy_lang.compiler.policy import Policy
from policy_lang.optimizer.optimize import REWRITES, optimize, rewrite
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.pipeline import compile_policy
from policy_lang.types.core import (
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Core,
    Fact,
    Has,
    In,
    ListOf,
    Not,
    Or,
    path_text,
)
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.model import Kind
from policy_lang.types.schema import Schema
from policy_lang.versions.ranges import VersionRange

CASES = Path(__file__).parents[1] / "cases" / "optimizer"
FILES = {"fold": "fold", "simplify": "boolean", "merge": "ranges", "factor": "factoring"}


def show(node: Core) -> str:
    """A core tree as text; every connective inside another stands in parentheses."""
    match node:
        case Constant(value):
            return str(value) if isinstance(value, VersionRange) else show_value(value)
        case Fact(path):
            return path_text(path)
        case Has(path):
            return f"has({path_text(path)})"
        case Not(operand):
            return f"!{_inside(operand)}"
        case And(items):
            return " && ".join(map(_inside, items))
        case Or(items):
            return " || ".join(map(_inside, items))
        case Coalesce(items):
            return " ?? ".join(map(_inside, items))
        case Compare(op, left, right):
            return f"{_inside(left)} {op} {_inside(right)}"
        case In(needle, haystack):
            return f"{_inside(needle)} in {_inside(haystack)}"
        case ListOf(items):
            return f"[{', '.join(map(show, items))}]"
        case Choose(test, then, otherwise):
            return f"{_inside(test)} ? {_inside(then)} : {_inside(otherwise)}"
        case Apply(function, args):
            return f"{function.name}({', '.join(map(show, args))})"
        case _:
            assert_never(node)


def _inside(node: Core) -> str:
    return show(node) if isinstance(node, Constant | Fact | Has | Apply | ListOf | Not) else f"({show(node)})"


def parts() -> Iterator[Any]:
    for each in REWRITES:
        file = CASES / f"{FILES[each.__name__]}.policy"
        for number, part in enumerate(re.split(r"^---\n", file.read_text(), flags=re.MULTILINE), start=1):
            yield pytest.param(each, part, id=f"{file.stem}:{number}")


@pytest.mark.parametrize(("each", "part"), list(parts()))
def test_golden(each: Any, part: str) -> None:
    text, _, expected = part.partition("// becomes\n")
    core = compile_policy(text, schema=strategies.SCHEMA if "// declared" in text else None).core
    assert show(rewrite(core, (each,), DEFAULT_OPTIONS)) == " ".join(expected.split())


def test_each_rewrite_has_its_file() -> None:
    assert {each.__name__ for each in REWRITES} == set(FILES)
    assert {file.stem for file in CASES.iterdir()} == set(FILES.values())


def optimized(text: str, schema: Schema | None = None) -> str:
    return show(compile_policy(text, schema=schema).optimized)


def test_rewrites_work_together() -> None:
    text = "!(!(device.a == 'x') || !(device.v >= '1.0.0')) && (device.pro == true && device.a in ['x', 'y'] || 1 > 2)"
    assert optimized(text) == "(device.a == 'x') && !(device.v < 1.0.0) && device.pro"


@pytest.mark.parametrize(
    "text",
    [
        "device.version < update.version && device.region == 'us-west'",
        "device.version >= '1.4.0' && device.version < '2.0.0' && !device.test",
        "!(device.a == 1 && has(device.b))",
    ],
)
def test_a_policy_without_work_stays_what_it_is(text: str) -> None:
    policy = compile_policy(text)
    assert policy.optimized is policy.running is policy.core


def test_what_people_see_is_what_was_written() -> None:
    policy = compile_policy("device.pro == true && device.pro")
    assert show(policy.optimized) == "device.pro"
    assert str(policy.explain({"pro": True})).splitlines()[1].strip().endswith("device.pro == true")


def test_an_update_is_bound_first() -> None:
    policy = compile_policy("update.channel == 'beta' && device.v > '1.0.0' && device.v > update.version")
    assert show(policy.bind({"channel": "beta", "version": "2.0.0"}).optimized) == "2.0.0 < device.v"
    assert show(policy.bind({"channel": "x"}).optimized) == "false"


def test_generated_code_has_fewer_tests() -> None:
    """What needed the closures is one look-up now: bools that are written out, and enumerations that are negated."""
    for text in ("device.pro == true", "device.region != 'eu'", "device.region not in ['eu', 'us-east']"):
        plan, _ = compile_policy(text, schema=strategies.SCHEMA).plan()
        assert plan[0] in {"bool", "text_is", "text_in"}


def test_common_factors_reach_the_index() -> None:
    plan, _ = compile_policy("device.v < '2.0.0' && device.a == 'x' || device.v < '2.0.0' && device.b == 'y'").plan()
    assert sorted(test[0] for test in plan[1]) == ["bounds", "or"]


def test_a_function_of_the_host_is_called_each_time() -> None:
    """What it gives may change, so that neither a constant nor a single call may take its place."""
    calls = iter(range(100))
    function = Function("count", Form.FUNCTION, (), Kind.INT, lambda: next(calls), "", "")
    policy: Policy = compile_policy("count() == 1 || count() == 1", schema=Schema().with_function(function))
    assert isinstance(policy.bind({}).running, Or)
    assert isinstance(optimize(policy.core, DEFAULT_OPTIONS), Or)
    assert policy.evaluate_by_reference({}) is True
    assert policy.evaluate_by_reference({}) is False


def test_values_that_only_the_host_knows_are_told_by_themselves() -> None:
    from policy_lang.types.functions.row import Parameter  # noqa: PLC0415  next to its use

    class Strange:
        """A value without equality."""

    parameter = Parameter("text", Kind.STRING, read=lambda _: Strange())
    function = Function("strange", Form.FUNCTION, (parameter,), Kind.BOOL, lambda _: True, "", "")
    policy = compile_policy(
        "(strange('a') || device.a) && (strange('a') || device.a || device.b)", schema=Schema().with_function(function)
    )
    assert show(optimize(policy.core, DEFAULT_OPTIONS)).count("strange") == 2


def test_build_metadata_tells_versions_apart() -> None:
    one, other = ((f"(device.a ? '1.0.0+{build}' : device.version).build == 'x'") for build in "xy")
    core = compile_policy(f"{one} || {other}").core
    assert optimize(core, DEFAULT_OPTIONS) == core


def test_many_operands_are_only_checked_for_being_equal() -> None:
    several = " || ".join(f"device.a == {number % 70}" for number in range(140))
    core = optimize(compile_policy(f"{several} || device.a == 1 && device.b == 2").core, DEFAULT_OPTIONS)
    assert isinstance(core, Or)
    assert len(core.items) == 71
