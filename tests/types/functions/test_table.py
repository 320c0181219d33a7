import pytest
from strategies import EXAMPLE_DEVICE, EXAMPLE_NOW, EXAMPLE_UPDATE

from policy_lang.pipeline import compile_policy
from policy_lang.types.core import Apply, In, descendants
from policy_lang.types.functions.row import Form, Function
from policy_lang.types.functions.table import LANGUAGE, names, rows


def label(row: Function) -> str:
    """The row as people tell it from the others."""
    return f"{row.form} {row.name} of {', '.join(str(parameter.kinds) for parameter in row.parameters)}"


@pytest.mark.parametrize("row", LANGUAGE, ids=label)
def test_every_example_is_true(row: Function) -> None:
    """Each row has a tested example: a policy that is true for the example device."""
    assert compile_policy(row.example).evaluate(EXAMPLE_DEVICE, EXAMPLE_UPDATE, EXAMPLE_NOW) is True


@pytest.mark.parametrize("name", sorted({row.name for row in LANGUAGE}))
def test_some_example_of_a_name_uses_it(name: str) -> None:
    """An example shows the function that it documents."""
    examples = [compile_policy(row.example).core for row in LANGUAGE if row.name == name]
    used = {node.function.name for core in examples for node in descendants(core) if isinstance(node, Apply)}
    used |= {"includes" for core in examples for node in descendants(core) if isinstance(node, In)}
    assert name in used


@pytest.mark.parametrize("row", LANGUAGE, ids=label)
def test_descriptions_are_phrases(row: Function) -> None:
    assert row.description
    assert not row.description.endswith(".")


def test_rows_and_names() -> None:
    assert [row.result.display for row in rows(Form.FUNCTION, "int")] == ["int", "int", "int"]
    assert rows(Form.FUNCTION, "nope") == ()
    assert {"startsWith", "split", "matches"} <= set(names(Form.METHOD))
    assert names(Form.FUNCTION).count("string") == 1


def test_rows_are_total() -> None:
    """A row gives an unknown for what it has no value for, whoever calls it."""
    (bucket,), (rollout,) = rows(Form.FUNCTION, "bucket"), rows(Form.FUNCTION, "rollout")
    assert bucket.python("\ud800", "release-7") is None
    assert rollout.python("device-1", "release-7", 101) is None
    assert rollout.python("device-1", "\ud800", 5) is None
