from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.compiler.closures import compile_expr
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.testing.certain import open_core
from policy_lang.types.core import Constant

SCHEMA = {"properties": {name: {"type": "boolean"} for name in "abc"}}


def update_of(policy: str, **others: Any) -> Update:
    """An update of version 2.0.0 in the channel `beta`."""
    image = {"url": "https://example.com/7.bin", "checksum": "00" * 32}
    update = {"id": "r7", "product": "router", "version": "2.0.0", "channel": "beta", "policy": policy, **image, **others}
    (found,) = Catalog.load({"schema": SCHEMA, "updates": [update]})
    return found


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("device.version < update.version", True),
        ("update.version > device.version", True),
        ("device.version < '2.0.0'", True),
        ("!(device.version < update.version)", False),
        ("device.version >= update.version", False),
        ("device.version < update.version && update.channel == 'beta'", True),
        ("update.channel == 'stable' && device.a", False),
        ("device.version < update.version || device.a", True),
        ("!(device.version >= update.version && device.a)", True),
        ("update.published < now", None),
        ("(update.published < now) ?? (now < update.published)", None),
        ("(update.note == 'x') ?? true", True),
        ("!(update.note == 'x')", None),
    ],
)
def test_what_is_certain(policy: str, expected: bool | None) -> None:  # noqa: FBT001
    core = open_core(update_of(policy))
    assert isinstance(core, Constant)
    assert core.value is expected


@pytest.mark.parametrize(
    ("policy", "rest"),
    [
        ("device.version < update.version && device.a", "device.a"),
        ("device.version >= update.version || device.a", "device.a"),
        ("device.version < update.version && device.a && device.b", "device.a && device.b"),
        ("update.channel == 'beta' ? device.a : device.b", "device.a"),
        ("update.channel == 'stable' ? device.a : device.b", "device.b"),
        ("(update.note == 'x') ?? device.a", "device.a"),
        ("device.a ?? (update.note == 'x') ?? device.b", "device.a ?? device.b"),
        ("device.a ?? (update.channel == 'beta') ?? device.b", "device.a ?? true"),
        ("(update.note == 'x') && device.a", "(update.note == 'x') && device.a"),
        ("device.version < '1.0.0' && device.a", "device.version < '1.0.0' && device.a"),
    ],
)
def test_what_is_left(policy: str, rest: str) -> None:
    assert open_core(update_of(policy)) == update_of(rest).bound.running


def test_a_rollback_is_for_newer_devices_too() -> None:
    update = update_of("device.version < update.version", downgrade="allow")
    assert open_core(update) == update.bound.running


def test_what_is_left_says_the_same_of_every_candidate() -> None:
    texts = ["device.a && !(device.version >= update.version)", "update.channel == 'beta' ? device.a ?? device.b : device.c"]
    for update in map(update_of, texts):
        run = compile_expr(open_core(update), DEFAULT_OPTIONS)
        for device in ({"a": a, "b": b, "version": "1.9.0"} for a in (True, False, None) for b in (True, False, None)):
            assert run((device, {}, None)) is update.bound.evaluate(device)
