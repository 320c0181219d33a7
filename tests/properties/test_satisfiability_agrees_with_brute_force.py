"""What is proved never to happen never happens, and what never happens is nearly always proved.

The first is a law for every policy, device, update and time. The second is measured on policies over few properties, where trying
all situations is a proof (`tests/small_worlds.py`); `python -m pytest -s` prints the share.
"""

from collections import Counter
from random import Random
from typing import Any

import pytest
import small_worlds
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.analysis.sets.search import Verdict
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import ANY, FALSE, TRUE, UNKNOWN, truth_of
from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import ROOTS, Facts, as_moment, as_object
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.pipeline import check_policy
from policy_lang.source import Source
from policy_lang.types.core import Core, descendants, type_of
from policy_lang.types.model import BOOL
from policy_lang.types.schema import Schema

POLICIES = 5_000
RESULTS = {TRUE: True, FALSE: False, UNKNOWN: None}
SCHEMAS: list[Schema | None] = [None, strategies.SCHEMA, strategies.DEFAULTS_SCHEMA]


def check_parts(core: Core, situations: list[Facts], seed: int) -> None:
    """No result that conditions of a policy have together in a situation is said to be impossible."""
    solver, random = Solver([core]), Random(seed)  # noqa: S311  test data
    parts = [node for node in descendants(core) if type_of(node) == BOOL]
    closures = {id(part): compile_expr(part, DEFAULT_OPTIONS, ROOTS) for part in parts}
    for facts in situations:
        chosen = [core, *random.sample(parts, min(3, len(parts)))]
        seen = [(part, truth_of(closures[id(part)](facts))) for part in chosen]
        assert not solver.never(*seen), seen
        wider = [(part, truth | random.choice((TRUE, FALSE, UNKNOWN))) for part, truth in seen]
        assert not solver.never(*wider), wider


@given(strategies.policies(), strategies.situations(10), st.sampled_from(SCHEMAS), strategies.SEEDS)
@settings(max_examples=600, deadline=None)
def test_what_happens_is_possible(text: str, situations: list[strategies.Situation], schema: Schema | None, seed: int) -> None:
    core = strategies.compiled(text, schema).core
    facts = [(as_object(each.device), as_object(each.update), as_moment(each.now)) for each in situations]
    check_parts(core, facts, seed)


@given(
    strategies.policies(), st.lists(st.tuples(strategies.wild_devices(), strategies.wild_devices()), max_size=4), strategies.SEEDS
)
@settings(max_examples=400, deadline=None)
def test_whatever_a_device_sends(text: str, situations: list[tuple[Any, Any]], seed: int) -> None:
    core = strategies.compiled(text, None).core
    check_parts(core, [(as_object(device), as_object(update), None) for device, update in situations], seed)


@given(strategies.SEEDS)
@settings(max_examples=300, deadline=None)
def test_parts_of_small_policies(seed: int) -> None:
    random = Random(seed)  # noqa: S311  test data
    core = check_policy(Source(small_worlds.small_policy(random)), small_worlds.SCHEMA).core
    worlds = small_worlds.some_worlds(core, random, 40)
    check_parts(core, worlds, seed)


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    """How often a result never happens, and how often that is proved; a proof of what does happen fails at once."""
    counted: Counter[str] = Counter()
    for seed in range(POLICIES):
        random = Random(seed)  # noqa: S311  test data
        text = small_worlds.small_policy(random)
        core = check_policy(Source(text), small_worlds.SCHEMA).core
        found, solver = small_worlds.results(core, random), Solver([core])
        for truth, result in RESULTS.items():
            verdict = solver.possible([(core, truth)])
            assert verdict is not Verdict.NEVER or result not in found, (text, result)
            counted["asked"] += 1
            counted["never"] += result not in found
            counted["proved"] += verdict is Verdict.NEVER
            counted["undecided"] += verdict is Verdict.UNDECIDED
        assert solver.possible([(core, ANY)]) is Verdict.POSSIBLE
    return counted


def test_what_never_happens_is_nearly_always_proved(counts: Counter[str]) -> None:
    share = counts["proved"] / counts["never"]
    print(  # noqa: T201  the share is worth seeing
        f"\n{POLICIES} policies, {counts['asked']} questions: {counts['never']} results never happen,"
        f" {counts['proved']} of them are proved ({share:.1%}), {counts['undecided']} undecided"
    )
    assert counts["never"] > POLICIES // 10
    assert share >= 0.98
