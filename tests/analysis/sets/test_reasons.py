from situations import core_of

from policy_lang.analysis.sets.reasons import alternatives, conjuncts, smallest
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import FALSE, TRUE
from policy_lang.types.core import Core


def shown(text: str, truths: int) -> list[tuple[str, int]]:
    return [(text[node.span.start : node.span.end], each) for node, each in conjuncts(core_of(text), truths)]


def test_what_must_be_true_for_a_policy_to_be() -> None:
    assert shown("device.a && (device.b && !device.c)", TRUE) == [("device.a", TRUE), ("device.b", TRUE), ("!device.c", TRUE)]
    assert shown("!(device.a || !(device.b && device.c))", TRUE) == [("device.a", FALSE), ("device.b", TRUE), ("device.c", TRUE)]
    assert shown("device.a || device.b", TRUE) == [("device.a || device.b", TRUE)]
    assert shown("device.a || device.b", FALSE) == [("device.a", FALSE), ("device.b", FALSE)]


def test_alternatives() -> None:
    disjunction, conjunction = core_of("device.a || device.b"), core_of("device.a && device.b")
    negation = core_of("!(device.a && device.b)")
    assert len(alternatives(disjunction, TRUE)) == 2
    assert alternatives(disjunction, FALSE) == ()
    assert len(alternatives(conjunction, FALSE)) == 2
    assert len(alternatives(negation, TRUE)) == 2


def test_as_few_conditions_as_a_proof_needs() -> None:
    text = "device.a < 5 && device.b == 1 && device.a < 3 && device.a > 7"
    core = core_of(text)
    needed = smallest(Solver([core]), list(conjuncts(core, TRUE)))
    assert [excerpt(text, node) for node, _ in needed] == ["device.a < 5", "device.a > 7"]
    *others, last = conjuncts(core, TRUE)
    assert [excerpt(text, node) for node, _ in smallest(Solver([core]), others, [last])] == ["device.a < 5"]


def excerpt(text: str, node: Core) -> str:
    return text[node.span.start : node.span.end]
