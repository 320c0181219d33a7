import json
from typing import Any

import pytest
from strategies import SCHEMA

from policy_lang.compiler.explain import Explanation, show_value
from policy_lang.pipeline import compile_policy


def explained(text: str, device: Any, **others: Any) -> Explanation:
    """The explanation of a policy for a device."""
    return compile_policy(text, schema=others.pop("schema", None)).explain(device, **others)


@pytest.mark.parametrize(
    ("text", "device", "causes"),
    [
        ("device.a == 'x'", {}, [("device.a", "missing", "missing")]),
        ("device.a == 'x'", {"a": None}, [("device.a", "missing", "missing")]),
        ("device.a == 'x'", {"a": 5}, [("device.a", "wrong type", "expected text, got the number `5`")]),
        (
            "device.a > 1",
            {"a": "x"},
            [("device.a", "bad value", "the text `x` is not a finite number, whole ones within ±(2^53-1)")],
        ),
        ("device.a > 1 && device.b", {}, [("device.a", "missing", "missing"), ("device.b", "missing", "missing")]),
        ("device.a && device.b", {"a": True}, [("device.b", "missing", "missing")]),
        ("device.a / device.b > 1", {"a": 1, "b": 0}, [("", "no result", "`device.a / device.b` has no result for 1, 0")]),
        ("device.a && device.b", {"a": False}, []),
        ("5 in device.tags", {"tags": ["x"]}, [("device.tags", "bad value", "an item of the list is missing or of another type")]),
        (
            "inCidr(device.ip, '10.0.0.0/8')",
            {"ip": "x"},
            [("device.ip", "bad value", "'x' gives `inCidr(device.ip, '10.0.0.0/8')` no result")],
        ),
        ("rollout(5)", {"id": "a"}, [("update.id", "missing", "missing")]),
        ("hour(now) == 1", {}, [("now", "missing", "missing")]),
        ("device.a[3] == 'x'", {"a": ["x"]}, [("device.a[3]", "missing", "no such item, or one of another type")]),
        ('device["a b"] == 1', {}, [('device["a b"]', "missing", "missing")]),
    ],
)
def test_the_cause_of_an_unknown_is_kept(text: str, device: Any, causes: list[tuple[str, str, str]]) -> None:
    """The reason (missing, bad value, wrong type; which property; where in the text) is kept for `explain`."""
    explanation = explained(text, device)
    assert [(cause.path, cause.reason, cause.detail) for cause in explanation.causes] == causes
    assert all(text[cause.span.start :].startswith((cause.path, "rollout", "inCidr", "device")) for cause in explanation.causes)


def test_an_explanation_is_a_tree_of_text() -> None:
    explanation = explained(
        "device.version < update.version && (device.region == 'us' || device.memory > 512)",
        {"version": "1.4.2", "region": "eu", "memory": "x"},
        update={"version": "1.5.0"},
    )
    assert str(explanation).splitlines() == [
        "unknown device.version < update.version && (device.region == 'us' || device.memory > 512)",
        "true      device.version < update.version",
        "            device.version = 1.4.2",
        "            update.version = 1.5.0",
        "unknown   device.region == 'us' || device.memory > 512",
        "false       device.region == 'us'",
        "              device.region = 'eu'",
        "unknown     device.memory > 512",
        "unknown       device.memory  (the text `x` is not a finite number, whole ones within ±(2^53-1))",
        "unknown because device.memory: the text `x` is not a finite number, whole ones within ±(2^53-1)",
    ]


def test_an_explanation_as_json() -> None:
    explanation = explained(
        "device.version < '2.0.0' && now - device.seen > '7d'", {"version": "1.0.0"}, now="2026-03-02T12:00:00Z"
    )
    plain = json.loads(json.dumps(explanation.to_plain()))
    assert plain["result"] is None
    assert plain["causes"] == [{"property": "device.seen", "reason": "missing", "detail": "missing", "offset": 34}]
    assert plain["policy"]["parts"][0] == {
        "text": "device.version < '2.0.0'",
        "value": True,
        "unknown": False,
        "cause": None,
        "parts": [{"text": "device.version", "value": "1.0.0", "unknown": False, "cause": None, "parts": []}],
    }


def test_every_value_has_a_text_and_a_plain_value() -> None:
    text = (
        "device.seen + device.uptime > now && device.tags >< 'a' && device.load > 0.5 && device.pro && 'name' in device.site"
        " && 1 in device.slots"
    )
    device = {
        "seen": "2026-03-02T12:00:00Z",
        "uptime": "7d",
        "tags": ["a"],
        "load": 1.5,
        "pro": True,
        "site": {"name": "x"},
        "slots": [1],
    }
    explanation = explained(text, device, now="2026-03-02T12:00:00Z", schema=SCHEMA)
    shown = str(explanation)
    assert explanation.result is True
    for expected in ("2026-03-02T12:00:00Z", "P7D", "['a']", "1.5", "true", "an object"):
        assert expected in shown
    assert json.dumps(explanation.to_plain())


def test_values_are_shown_as_people_write_them() -> None:
    assert show_value('it\'s "x"\n') == "'it\\'s \"x\"\\n'"
    assert show_value(("a", None, 1)) == "['a', unknown, 1]"
    assert show_value(None) == "unknown"


def test_a_long_part_is_cut() -> None:
    text = " || ".join(f"device.a == 'value {number}'" for number in range(30))
    assert all(len(line) < 160 for line in str(explained(text, {"a": "x"})).splitlines())


def test_sugar_is_shown_once() -> None:
    """For parts that came from one piece of text only the outermost is shown."""
    explanation = explained("device.a != 'x' && device.b not in ['y'] && device.c == /^(?:a|b)/ && device.d == null", {})
    assert [part.text for part in explanation.root.parts] == [
        "device.a != 'x'",
        "device.b not in ['y']",
        "device.c == /^(?:a|b)/",
        "device.d == null",
    ]
