"""A client that sends every property as text gets the same answers as one that sends JSON."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SCHEMA, Situation, compiled, policies, situations, text_of

from policy_lang.compiler.policy import Policy
from policy_lang.pipeline import compile_policy
from policy_lang.types.core import Fact, descendants
from policy_lang.types.schema import Schema

TYPED: dict[str, type | tuple[type, ...]] = {
    "pro": bool,
    "memory": int,
    "flags": (int, float),
    "load": (int, float),
    "slots": list,
    "tags": list,
}


def as_text(device: dict[str, Any], *, json_lists: bool) -> dict[str, Any]:
    """The device as a simple client sends it: each well-typed value as its canonical text."""
    return {
        name: (json.dumps(value) if json_lists and isinstance(value, list) else text_of(value)) if fits(name, value) else value
        for name, value in device.items()
    }


def fits(name: str, value: object) -> bool:
    """Whether the text of the value is one that JSON has too."""
    if name not in TYPED or not isinstance(value, TYPED[name]) or (isinstance(value, bool) and name != "pro"):
        return False
    return all(isinstance(item, str | int) for item in value) if isinstance(value, list) else value != float("inf")


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["declared", "inferred"])
def test_text_from_simple_clients(schema: Schema | None) -> None:
    """A property whose expected type is not `string` is decoded from text, once, strictly."""

    @settings(max_examples=200, deadline=None)
    @given(policies(), situations(), st.booleans())
    def law(text: str, some: list[Situation], json_lists: Any) -> None:
        policy = compiled(text, schema)
        if schema is None and any(f.type.kind.display == "text" for f in facts(policy) if f.path[-1] in TYPED):
            return
        for each in some:
            sent = as_text(dict(each.device), json_lists=json_lists)
            assert policy.evaluate(sent, each.update, each.now) is policy.evaluate(each.device, each.update, each.now), (text, each)

    law()


def facts(policy: Policy) -> list[Fact]:
    """The properties that a policy reads as values."""
    return [node for node in descendants(policy.core) if isinstance(node, Fact)]


VALUES = {
    "device.pro == {}": (True, False),
    "device.memory + 0 == {}": (0, 256, -1, 9007199254740991, 0.5),
    "(device.flags & -1) == {}": (0, 6, -6),
    "device.load <= {}": (0, 0.5, 1e3, 12345.678),
    "device.bootloader < '2.0.0' || device.bootloader == '{}'": ("1.0.0", "2.1.0-rc.1+b"),
    "update.published <= timestamp('{}')": ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.25+01:00"),
    "now - update.published > device.uptime && device.uptime == duration('{}')": ("7d", "PT1H", "45s"),
}


@pytest.mark.parametrize(("template", "value"), [(template, value) for template, values in VALUES.items() for value in values])
def test_canonical_text_is_the_value(template: str, value: object) -> None:
    """So `{"pro":"true"}` and `{"pro":true}` both satisfy `device.pro == true`."""
    policy = compile_policy(template.format(text_of(value)))
    name = template.replace("(", "").replace("now - update.published > ", "").split()[0].rpartition(".")[2]
    update = {"published": value if name == "published" else "2020-01-01T00:00:00Z"}
    for sent in (value, text_of(value)):
        assert (
            policy.evaluate({name: sent}, update | ({"published": sent} if name == "published" else {}), "2030-01-01T00:00:00Z")
            is True
        )


@pytest.mark.parametrize("text", ["TRUE", "True", "tRuE"])
def test_bools_fold_ascii_case(text: str) -> None:
    assert compile_policy("device.pro == true").matches({"pro": text})


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        *(
            ("!device.pro || device.pro", text)
            for text in ("yes", "1", "0", "", "true ", " true", "t", "on", "\uff54rue", "tru\u0435")
        ),
        *(
            ("device.n == device.n + 0", text)
            for text in ("0x10", "1_000", "+1", ".5", "5.", "01", "1e", "NaN", "Infinity", " 1", "1\n", "\u0661", "")
        ),
        *(("device.n == device.n + 0", text) for text in ("9007199254740992", "-9007199254740992", "1e999", "--1", "1,5")),
        *(
            ("device.v >= '0.0.0-0'", text)
            for text in ("1.2", "v1.2.3", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", " 1.2.3", "1.2.3\n", "")
        ),
        *(
            ("device.t <= now || device.t > now", text)
            for text in ("2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-02-29T00:00:00Z")
        ),
        *(
            ("device.t <= now || device.t > now", text)
            for text in ("2026-01-01T00:00:60Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00Z", "1767225600", "")
        ),
        *(
            ("now - device.d <= now", text)
            for text in ("7", "d", "7D", "1.5h", "P", "PT", "P1Y", "P1M", "-7d", "7 d", "1d12h", "P1W2D", "")
        ),
        *(("1 in device.slots || 1 not in device.slots", text) for text in ("[1", "[1]]", "[a]")),
    ],
)
def test_other_text_is_a_bad_value(policy: str, text: str) -> None:
    """Strictly: nothing else is decoded, and what cannot be decoded is unknown."""
    compiled_policy = compile_policy(policy)
    names = dict.fromkeys(("pro", "n", "v", "t", "d", "slots"), text)
    assert compiled_policy.evaluate(names, None, "2026-03-02T12:00:00Z") is None
    assert compiled_policy.explain(names, None, "2026-03-02T12:00:00Z").causes[0].reason == "bad value"


def test_a_json_number_is_never_a_version() -> None:
    """1.10 would become 1.1."""
    policy = compile_policy("device.version >= '0.0.0-0'")
    assert policy.evaluate({"version": 1.10}) is None
    assert policy.explain({"version": 1.10}).causes[0].reason == "wrong type"
