from policy_lang.analysis.sets.states import BAD, MISSING, States
from policy_lang.analysis.sets.variables import Link, Variables
from policy_lang.source import Span
from policy_lang.types.core import Fact
from policy_lang.types.model import BOOL, INT, OPEN_OBJECT, STRING, TIMESTAMP, Kind, Type

HERE = Span(0, 0)


def fact(path: tuple[str | int, ...], type_: Type = INT, default: object = None) -> Fact:
    return Fact(path, type_, default, span=HERE)


def test_a_property_is_one_variable() -> None:
    variables = Variables()
    first = variables.fact(fact(("device", "a")))
    assert variables.fact(fact(("device", "a"))) is first
    assert first.unknown == States((), MISSING | BAD)
    assert variables.fact(fact(("device", "a"), STRING)) is not first
    assert variables.fact(fact(("device", "e"), Type(Kind.STRING, values=("y", "x")))).known.bounds == ("x", "x\0", "y", "y\0")


def test_a_default_is_known() -> None:
    variable = Variables().fact(fact(("device", "a"), INT, 3))
    assert variable.known.flags == MISSING
    assert variable.unknown.flags == BAD


def test_roots_are_objects_and_the_time_is_never_bad() -> None:
    variables = Variables()
    assert variables.fact(fact(("now",), TIMESTAMP)).unknown.flags == MISSING
    assert variables.fact(fact(("device",), OPEN_OBJECT)).is_total


def test_presence_is_that_of_the_property() -> None:
    variables = Variables()
    read = variables.fact(fact(("device", "a")))
    assert variables.presence(("device", "a")) is read
    asked = variables.presence(("device", "b"))
    assert asked.unknown == States((), MISSING)
    assert variables.presence(("device", "b")) is asked


def test_what_is_inside_is_missing_with_what_is_around_it() -> None:
    for order in ((0, 1), (1, 0)):
        variables = Variables()
        nodes = [fact(("device", "o"), OPEN_OBJECT), fact(("device", "o", "k"))]
        made = {at: variables.fact(nodes[at]) for at in order}
        outer, inner = made[0], made[1]
        assert variables.links[inner.index] == [Link(States((), MISSING), outer.index, States((0, 1), 0))]
        assert variables.links[outer.index] == [Link(States((0, 1), 0), inner.index, States((), MISSING))]
        assert variables.linked == 0b11


def test_an_item_of_a_bad_list_may_be_there() -> None:
    variables = Variables()
    outer, inner = variables.fact(fact(("device", "l"), BOOL)), variables.fact(fact(("device", "l", 0)))
    assert variables.links[inner.index] == [Link(States((), MISSING), outer.index, States((0, 2), BAD))]


def test_a_function_is_unknown_with_its_arguments() -> None:
    variables = Variables()
    argument = variables.fact(fact(("device", "a")))
    function = variables.application("f", Kind.INT, (argument,), bounds=(0, 9))
    assert variables.application("f", Kind.INT, (argument,)) is function
    assert function.known == States((0, 9), 0)
    assert variables.functions == [function]
    assert variables.links[function.index] == [Link(States((), BAD), argument.index, argument.known)]
    assert variables.links[argument.index] == [Link(argument.known, function.index, States((), BAD))]
    total = variables.application("g", Kind.INT, (argument,), is_total=True)
    assert total.is_total
    assert len(variables.links[argument.index]) == 1
