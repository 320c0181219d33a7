import pytest
from linting import subject_of

from policy_lang.analysis.presence import can_be_absent, declared, distinguishes_optional, exposed
from policy_lang.types.core import Fact, path_text
from policy_lang.types.model import STRING
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {
        "required": ["a", "site"],
        "additionalProperties": True,
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "string"},
            "c": {"type": "string", "default": "x"},
            "site": {"required": ["name"], "properties": {"name": {"type": "string"}, "room": {"type": "string"}}},
            "spare": {"required": ["name"], "properties": {"name": {"type": "string"}}},
        },
    }
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("device.a == 'x'", ["device.a"]),
        ("has(device.a) && device.a == 'x'", []),
        ("device.a == 'x' && has(device.a)", []),
        ("(has(device.a) && device.pro) && device.a == 'x'", ["device.pro"]),
        ("(has(device.a) || device.pro) && device.a == 'x'", ["device.pro", "device.a"]),
        ("(has(device.a) || has(device.a)) && device.a == 'x'", []),
        ("!(!has(device.a) || device.pro) && device.a == 'x'", ["device.pro"]),
        ("!has(device.a) || device.a == 'x'", []),
        ("has(device.a) || device.a == 'x'", ["device.a"]),
        ("!has(device.a) && device.a == 'x'", ["device.a"]),
        ("device.a == null || !(device.a == 'x')", []),
        ("has(device.a) ? device.a == 'x' : device.a == 'y'", ["device.a"]),
        ("!has(device.a) ? device.a == 'x' : device.a == 'y'", ["device.a"]),
        ("(device.t ? device.u : device.v)", ["device.t", "device.u", "device.v"]),
        ("(device.a ?? 'x') == 'x'", []),
        ("(device.a ?? device.b) == 'x'", ["device.b"]),
        ("has(device.site.name) && 'name' in device.site", []),
        ("has(device.site) && device.site.name == 'x'", ["device.site.name"]),
        ("has(device.tags[0]) && 'x' in device.tags", []),
    ],
)
def test_which_reads_no_guard_protects(text: str, names: list[str]) -> None:
    assert [path_text(fact.path) for fact in exposed(subject_of(text).core)] == names


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("device.id", False),
        ("device.a", False),
        ("device.b", True),
        ("device.other", True),
        ("device.site.name", False),
        ("device.site.room", True),
        ("device.spare.name", True),
        ("update.channel", False),
        ("now", False),
    ],
)
def test_what_a_device_may_lack(name: str, *, result: bool) -> None:
    fact = Fact(tuple(name.split(".")), STRING, span=(0, 0))  # type: ignore[arg-type]  # the place does not matter
    assert can_be_absent(fact, SCHEMA) is result


def test_a_default_is_always_there() -> None:
    subject = subject_of("device.c == 'x'", SCHEMA)
    assert [can_be_absent(fact, SCHEMA) for fact in exposed(subject.core)] == [False]
    assert subject.exposed == ()


def test_what_is_declared() -> None:
    member = declared(("device", "site", "room"), SCHEMA)
    assert member is not None
    assert member.type is STRING
    assert declared(("device", "site", "floor"), SCHEMA) is None
    assert subject_of("true", SCHEMA).declared(("device", "b")) is declared(("device", "b"), SCHEMA)


def test_whether_a_schema_speaks_of_presence() -> None:
    assert distinguishes_optional(SCHEMA)
    assert distinguishes_optional(Schema.load({"required": ["id"], "properties": {}}))
    assert not distinguishes_optional(Schema.load({"properties": {"a": {"type": "string"}}}))
    assert not distinguishes_optional(Schema())
