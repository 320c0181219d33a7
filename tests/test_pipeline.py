import pickle

import pytest
from strategies import EXAMPLE_DEVICE, EXAMPLE_NOW, EXAMPLE_UPDATE, SCHEMA

from policy_lang.errors import PolicyError, PolicySyntaxError, PolicyTypeError
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema


def codes(error: PolicyError) -> list[str]:
    """The codes of the findings of an error."""
    return [diagnostic.code for diagnostic in error.diagnostics]


def test_a_policy_compiles_and_runs() -> None:
    policy = compile_policy("device.version < update.version && weekday(now) == 1", schema=SCHEMA, name="fleet.policy")
    assert policy.matches(EXAMPLE_DEVICE, EXAMPLE_UPDATE, EXAMPLE_NOW)
    assert policy.source.name == "fleet.policy"
    assert policy.canonical == policy.text


def test_mistakes_of_syntax_and_of_types_come_together() -> None:
    """All errors of a policy are reported at once where the grammar allows."""
    with pytest.raises(PolicySyntaxError) as caught:
        compile_policy("device.version < '1.2' && device.a = nope(1)")
    assert codes(caught.value) == ["PL210", "PL108", "PL204"]


def test_mistakes_of_types_alone_are_type_errors() -> None:
    with pytest.raises(PolicyTypeError) as caught:
        compile_policy("device.version < '1.2'", name="fleet.policy")
    assert str(caught.value).startswith("fleet.policy:1:18: error[PL210]: ")
    assert isinstance(caught.value, ValueError)


def test_an_error_survives_pickling() -> None:
    """Worker processes raise across their boundary."""
    with pytest.raises(PolicyTypeError) as caught:
        compile_policy("model == 1")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  our own
    assert type(again) is PolicyTypeError
    assert again.diagnostics == caught.value.diagnostics


def test_an_error_needs_a_finding() -> None:
    with pytest.raises(ValueError, match="at least one diagnostic"):
        PolicyError([])


@pytest.mark.parametrize(
    ("options", "text", "code"),
    [
        (Options(max_source=20), "device.region == 'eu' ", "PL120"),
        (Options(max_source=6), "'ééé'", "PL120"),
        (Options(max_nodes=3), "device.a && device.b", "PL121"),
        (Options(max_depth=2), "(((true)))", "PL122"),
        (Options(max_depth=2), "!!!true", "PL122"),
        (Options(max_pattern=3), "device.a == /abcd/", "PL123"),
        (Options(max_text=3), "device.a == 'abcd'", "PL124"),
        (Options(max_text=3), "device.a == 'éé'", "PL124"),
    ],
)
def test_limits_are_options(options: Options, text: str, code: str) -> None:
    """Limits are options of the host; over the limit is a diagnostic."""
    with pytest.raises(PolicySyntaxError) as caught:
        compile_policy(text, options=options)
    assert codes(caught.value) == [code]


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("true" + " " * 8188, True),
        ("true" + " " * 8189, False),
        ("(" * 64 + "true" + ")" * 64, True),
        ("(" * 65 + "true" + ")" * 65, False),
        ("!" * 64 + "true", True),
        ("!" * 65 + "true", False),
        (" && ".join(["true"] * 900), True),
        (" ?? ".join(["true"] * 900), True),
        (f"device.a == /{'x' * 256}/", True),
        (f"device.a == /{'x' * 257}/", False),
        (f"device.a == '{'x' * 4096}'", True),
        (f"device.a == '{'x' * 4097}'", False),
        (f"device.a == '{'é' * 2048}'", True),
        (f"device.a == '{'é' * 2049}'", False),
        (f"true //{'é' * 4093}", False),
        (f"true //{'é' * 4092}", True),
        (f"device.a in [{','.join(['1'] * 1990)}]", True),
        (f"device.a in [{','.join(['1'] * 2010)}]", False),
        ("device" + ".a" * 60 + " == 1", True),
    ],
)
def test_limits_are_exact(text: str, within: object) -> None:
    """Source 8 KiB in UTF-8 bytes, 2,000 nodes, nesting 64, regex 256 characters, text 4 KiB."""
    if within:
        compile_policy(text)
        return
    with pytest.raises(PolicySyntaxError):
        compile_policy(text)


def test_versions_are_strict_unless_the_host_says_otherwise() -> None:
    """An option of the host also accepts a leading `v` and missing parts."""
    text = "device.version < '1.10.0' && device.version == version(device.model)"
    strict, lenient = compile_policy(text), compile_policy(text, options=Options(lenient_versions=True))
    for sent in ("v1.2", "1.2", "V1.2.0"):
        assert strict.evaluate({"version": sent, "model": "1.2.0"}) is None
        assert lenient.evaluate({"version": sent, "model": "1.2.0"}) is True
    assert lenient.evaluate({"version": "1.2.0", "model": "v1.2"}) is True
    assert lenient.evaluate({"version": 1.2, "model": "v1.2"}) is None


@pytest.mark.parametrize("depth", [0, 101])
def test_a_nesting_that_the_stack_may_not_hold_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="max_depth"):
        Options(max_depth=depth)


@pytest.mark.parametrize("schema", [None, SCHEMA])
def test_a_text_over_the_hosts_limit_is_a_bad_value(schema: Schema | None) -> None:
    """A text over the host's limit is a bad value for every operator."""
    policy = compile_policy("device.model != 'abc'", schema=schema, options=Options(max_text=10))
    assert policy.evaluate({"model": "x" * 10}) is True
    assert policy.evaluate({"model": "x" * 11}) is None
