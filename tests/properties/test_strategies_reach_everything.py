"""The strategies are only worth what they reach, so that is counted."""

from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from strategies import SCHEMA, Situation, compiled, policies, situations

from policy_lang.types.core import Apply, CoreNode, descendants
from policy_lang.types.functions.row import Form
from policy_lang.types.functions.table import LANGUAGE

ROUNDS = 8
"""What is drawn depends on the modules that other tests imported, so a rare row may need a second round."""


def draw_rows_and_nodes(start: int) -> tuple[set[str], set[type]]:
    """The rows and the nodes of some random policies."""
    rows, nodes = Counter[str](), Counter[type]()

    @seed(start)
    @settings(max_examples=2200, deadline=None, phases=[Phase.generate], database=None)
    @given(policies())
    def count(text: str) -> None:
        for node in descendants(compiled(text).core):
            nodes[type(node)] += 1
            if isinstance(node, Apply):
                rows[node.function.name] += 1

    count()
    return set(rows), set(nodes)


def test_policies_use_every_row_and_every_node() -> None:
    """Every node of the core and every row of the language occur."""
    rows, nodes, every = set[str](), set[type](), {row.name for row in LANGUAGE}
    for start in range(ROUNDS):
        more_rows, more_nodes = draw_rows_and_nodes(start)
        rows, nodes = rows | more_rows, nodes | more_nodes
        if every <= rows:
            break
    assert {node.__name__ for node in nodes} == {node.__name__ for node in CoreNode.__subclasses__()}
    assert every <= rows
    assert {row.form for row in LANGUAGE if row.name in rows} == set(Form)


def test_every_result_is_frequent() -> None:
    """True, false and unknown are each a fifth of all results at least."""
    results = Counter[bool | None]()

    @seed(7)
    @settings(max_examples=400, deadline=None, phases=[Phase.generate], database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(policies(), situations())
    def count(text: str, some: list[Situation]) -> None:
        policy = compiled(text, SCHEMA)
        results.update(policy.evaluate(each.device, each.update, each.now) for each in some)

    count()
    assert min(results[result] for result in (True, False, None)) > results.total() / 5
