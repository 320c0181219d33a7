"""Operations that random policies seldom reach, on the engines inside the process."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager

import hostile
import polars as pl
import pytest
from hostile import COLUMNS, GIVEN

from policy_lang import fleet
from policy_lang.compiler.policy import Policy
from policy_lang.fleet.model import Fleet
from policy_lang.pipeline import compile_policy

DEVICES = hostile.draw_devices(250, seed=5)
POLICIES = [
    compile_policy(text, schema=hostile.SCHEMA)
    for text in (
        "satisfies(device.version, '<0.0.0-0')",
        "!satisfies(device.version, '<0.0.0-0 || >=1.5.0-rc.1')",
        "device.tags[1] == 'eu' || device.tags.length > 1",
        "now - device.seen < duration('7d')",
        "device.seen - now > -duration('1d')",
        "device.seen + device.uptime < now",
        "duration('2h') + device.seen < now",
        "device.seen - duration('2h') < now",
        "(device.memory << 2) == 256",
        "(device.memory & 1) == 0 && (~device.memory | 7) != (device.memory ^ 7)",
        "-device.load < 0 || -device.memory < 0",
        "device.load % 2 < 1 && device.memory % -3 != 1",
        "device.memory / device.memory == 1 && device.load / device.load == 1",
        "device.load * 1e308 > 1 || device.memory * device.memory > 5",
        "device.id in device.tags || 'eu' not in device.tags",
        "device.load in [device.memory, 1.5, 2]",
        "device.model.length > 3 && device.model.toUpperCase() $= 'O'",
        "bucket(device.id, 'x') < 500000 || rollout(25)",
        "(device.pro ? device.memory : 3) > 2 && (device.region ?? 'eu') == 'eu'",
        "has(device.site.floor) && 'floor' in device.site",
    )
]


@contextmanager
def _duckdb() -> Iterator[Fleet]:
    with fleet.open(fleet.typed_table(DEVICES, COLUMNS)) as opened:
        yield opened


@contextmanager
def _sqlite() -> Iterator[Fleet]:
    columns = hostile.with_json_lists(COLUMNS)
    with closing(sqlite3.connect(":memory:")) as connection:
        hostile.create(connection.cursor(), "devices", columns, DEVICES, "?")
        yield fleet.open(connection, "devices", columns=columns)


def _expected(policy: Policy) -> list[bool | None]:
    return [policy.evaluate_by_reference(device, GIVEN.update, GIVEN.now) for device in DEVICES]


def _wrong(found: Sequence[object], policy: Policy) -> list[object]:
    pairs = zip(found, _expected(policy), DEVICES, strict=True)
    return [(policy.text, say, want, device) for say, want, device in pairs if say is not want]


@pytest.mark.parametrize("opening", [_duckdb, _sqlite], ids=["duckdb", "sqlite"])
def test_sql(opening: Callable[[], AbstractContextManager[Fleet]]) -> None:
    with opening() as opened:
        rows = sorted(opened.answers(POLICIES, GIVEN, properties=("number",)), key=lambda row: int(row[0]))
    for at, policy in enumerate(POLICIES, start=1):
        assert not _wrong([row[at] for row in rows], policy)


def test_polars() -> None:
    frame = pl.DataFrame(pl.from_arrow(fleet.typed_table(DEVICES, COLUMNS)))
    for policy in POLICIES:
        answer = fleet.to_polars(policy, COLUMNS, update=GIVEN.update, now=GIVEN.now)
        assert not _wrong(frame.select(answer.alias("answer"))["answer"].to_list(), policy)


def test_the_policies_have_answers_of_every_kind() -> None:
    answers = {answer for policy in POLICIES for answer in _expected(policy)}
    assert answers == {True, False, None}
