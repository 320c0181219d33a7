from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, text, update
from stores import ENGINES, HOUR, NOW, document, migrated_url, opened, stock

from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.rollout.ledger import Grant
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision
from policy_lang.service.ledger import DatabaseLedger
from policy_lang.service.replay import decision_entry, replay, replay_row
from policy_lang.service.store.audit import AuditRow, Kind, append, as_row, list_entries
from policy_lang.service.store.catalogs import load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.products import add_product
from policy_lang.service.store.reports import record_report
from policy_lang.service.store.tables import audit
from policy_lang.service.store.updates import change_policy, change_schema, pause_update, put_update, remove_update, resume_update

WHO: dict[str, Any] = {"actor": "test", "now": NOW}
_runs = count()


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the tables of this release and nothing in them."""
    with opened(migrated_url(request.param, tmp_path)) as found:
        yield found


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all examples; each example has a product of its own."""
    with opened(migrated_url(request.param, Path(tmp_path_factory.mktemp("replay")))) as found:
        yield found


@dataclass(frozen=True)
class Service:
    """What a worker does, without HTTP."""

    database: Database
    product: str = "thermostat"
    options: Options = DEFAULT_OPTIONS

    def check_in(self, device: dict[str, Any], now: datetime = NOW) -> Decision:
        """Decide from the catalog of this moment, and write the audit."""
        with self.database.reading() as connection:
            state = load_product(connection, self.product)
        decision = Selector(state.catalog(self.options), DatabaseLedger(self.database)).select(device, now)
        about: dict[str, Any] = {"revision": state.product.revision, "digest": state.product.digest, "options": self.options}
        with self.database.changing() as connection:
            append(connection, [decision_entry(decision, device, now, product=self.product, device_id=device.get("id"), **about)])
        return decision

    def decisions(self) -> list[AuditRow]:
        """The decisions in the audit, the first one first."""
        with self.database.reading() as connection:
            return list_entries(connection, product=self.product, kind=Kind.DECISION)[::-1]


def device(device_id: str = "device-1", version: str = "1.0.0", **fields: Any) -> dict[str, Any]:
    """What a device sends."""
    return {"id": device_id, "product": "thermostat", "version": version, **fields}


def differences(database: Database, row: AuditRow) -> tuple[str, ...]:
    """What is not as it was recorded."""
    with database.reading() as connection:
        return replay(connection, row.seq).differences


def tamper(database: Database, row: AuditRow, **values: Any) -> AuditRow:
    """Change a row past the triggers, as somebody does who owns a copy of the file."""
    with database.changing() as connection:
        unlock(connection, is_sqlite=database.is_sqlite)
        connection.execute(update(audit).where(audit.c.seq == row.seq).values(**values))
        return as_row(connection.execute(select(audit).where(audit.c.seq == row.seq)).one())


def unlock(connection: Connection, *, is_sqlite: bool) -> None:
    """Take the triggers away."""
    for event in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER audit_refuses_{event}" + ("" if is_sqlite else " ON audit")))


def test_a_decision_is_the_same_again_with_its_trace(database: Database) -> None:
    stock(database, document("a", "2.0.0", policy="device.pro"), document("b", "1.5.0", rollout={"max_devices": 1}))
    service = Service(database)
    first, second = service.check_in(device(pro=False)), service.check_in(device("device-2", pro="true"))
    third = service.check_in(device("device-3"))
    assert [each.update and each.update.id for each in (first, second, third)] == ["b", "a", None]
    for decision, row in zip((first, second, third), service.decisions(), strict=True):
        with database.reading() as connection:
            again = replay(connection, row.seq)
        assert again.agrees
        assert again.decision is not None
        assert again.decision.to_plain(trace=True) == decision.to_plain(trace=True)


def test_a_decision_is_the_same_again_after_the_catalog_changed(database: Database) -> None:
    stock(database, document(rollout={"pause_on_failures": 0}))
    service = Service(database)
    changes: list[Callable[[Connection], object]] = [
        lambda connection: change_policy(connection, "thermostat", "release-7", "device.pro", **WHO),
        lambda connection: change_schema(connection, "thermostat", {"properties": {"pro": {"type": "boolean"}}}, **WHO),
        lambda connection: put_update(connection, "thermostat", document("release-8", "3.0.0"), **WHO),
        lambda connection: pause_update(connection, "thermostat", "release-8", **WHO),
        lambda connection: resume_update(connection, "thermostat", "release-8", **WHO),
        lambda connection: remove_update(connection, "thermostat", "release-8", **WHO),
        lambda connection: record_report(connection, "thermostat", "release-7", "device-1", is_success=False, now=NOW),
        lambda connection: change_schema(connection, "thermostat", None, **WHO),
    ]
    offered = []
    for change in changes:
        decision = service.check_in(device(pro=True))
        offered.append(decision.update and decision.update.id)
        with database.changing() as connection:
            change(connection)
    service.check_in(device(pro=True))
    assert offered == ["release-7"] * 3 + ["release-8", "release-7", "release-8", "release-7", None]
    assert [differences(database, row) for row in service.decisions()] == [()] * 9


def test_the_options_of_the_host_are_recorded(database: Database) -> None:
    stock(database, document())
    service = Service(database, options=Options(lenient_versions=True))
    assert service.check_in(device(version="v1.2")).update is not None
    (row,) = service.decisions()
    assert row.entry.document["options"] == {"lenient_versions": True}
    assert differences(database, row) == ()


def test_the_clock_of_the_decision_counts_and_not_that_of_the_replay(database: Database) -> None:
    stock(database, document(rollout={"end": "2026-05-01T13:00:00Z"}))
    service = Service(database)
    assert service.check_in(device(), NOW).update is not None
    assert service.check_in(device(), NOW + HOUR).update is None
    assert [differences(database, row) for row in service.decisions()] == [(), ()]


def test_the_ledger_is_not_asked_again(database: Database) -> None:
    stock(database, document(rollout={"max_devices": 1}))
    service = Service(database)
    assert service.check_in(device("a")).grants == {"release-7": Grant.NEW}
    assert service.check_in(device("b")).grants == {"release-7": Grant.MAX_DEVICES}
    assert [differences(database, row) for row in service.decisions()] == [(), ()]
    assert DatabaseLedger(database).granted("release-7") == 1


DOCUMENTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(
            ["true", "device.pro", "device.memory > 64", "device.version < '1.5.0'", "rollout(50)", "device.region ^= 'eu'"]
        ),
        st.none() | st.integers(0, 2),
        st.booleans(),
    ),
    max_size=6,
)
DEVICES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("abcdef"), "version": st.sampled_from(["1.0.0", "1.9.0", "0.1", "9.0.0"])},
        optional={
            "pro": st.booleans() | st.just("true"),
            "memory": st.integers(0, 128) | st.text(max_size=3),
            "region": st.just("eu-1"),
        },
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(DOCUMENTS, DEVICES), min_size=1, max_size=3))
def test_every_decision_is_the_same_again(
    shared: Database, rounds: list[tuple[list[tuple[int, str, int | None, bool]], list[dict[str, Any]]]]
) -> None:
    """Whatever catalogs, devices and limits there were, and however the catalog changed since."""
    product = f"product-{next(_runs)}"
    service = Service(shared, product)
    with shared.changing() as connection:
        add_product(connection, product, **WHO)
    for documents, devices in rounds:
        with shared.changing() as connection:
            for number, policy, most, paused in documents:
                limits = {} if most is None else {"rollout": {"max_devices": most}}
                new = document(f"{product}-{number}", f"2.{number}.0", policy=policy, paused=paused, **limits)
                put_update(connection, product, new, **WHO)
        made = [service.check_in({"product": product, **each}) for each in devices]
        assert made
    with shared.reading() as connection:
        for row in service.decisions():
            again = replay_row(connection, row)
            assert again.differences == ()


@pytest.mark.parametrize(
    "change",
    [
        {"update": None, "reason": "no match", "policy": None},
        {"reason": "up to date"},
        {"policy": "0" * 64},
        {"catalog": "0" * 64},
        {"device": {"id": "device-1", "product": "thermostat", "version": "3.0.0"}},
        {"grants": {}},
        {"grants": {"release-7": "max devices"}},
        {"now": "2027-05-01T12:00:00Z"},
    ],
)
def test_a_decision_that_was_changed_is_found_by_its_digest_and_by_its_replay(database: Database, change: dict[str, Any]) -> None:
    rollout = {"max_devices": 1, "end": "2026-06-01T00:00:00Z"}
    stock(database, document(rollout=rollout))
    service = Service(database)
    service.check_in(device())
    (row,) = service.decisions()
    assert differences(database, row) == ()
    changed = tamper(database, row, document={**row.entry.document, **change})
    found = differences(database, row)
    assert found[0] == f"row {row.seq} of the audit was changed after it was written"
    assert len(found) > 1
    assert not changed.is_intact


def test_a_catalog_row_that_was_changed_is_found(database: Database) -> None:
    stock(database, document(), document("release-8", "2.1.0"))
    service = Service(database)
    service.check_in(device())
    with database.reading() as connection:
        first = list_entries(connection, kind=Kind.CATALOG)[-1]
    put = [{**first.entry.document["put"][0], "url": "https://example.com/evil"}]
    tamper(database, first, document={**first.entry.document, "put": put})
    (row,) = service.decisions()
    assert set(differences(database, row)) == {
        f"row {first.seq} of the audit was changed after it was written",
        f"row {first.seq} of the audit does not follow from those before it",
        f"row {first.seq + 1} of the audit does not follow from those before it",
        "revision 2 of the catalog is not the one that was asked",
    }


def test_a_catalog_that_is_not_valid_any_more(database: Database) -> None:
    stock(database, document())
    service = Service(database)
    service.check_in(device())
    with database.reading() as connection:
        (first,) = list_entries(connection, kind=Kind.CATALOG)
    put = [{**first.entry.document["put"][0], "policy": "device.version <"}]
    tamper(database, first, document={**first.entry.document, "put": put})
    (row,) = service.decisions()
    with database.reading() as connection:
        again = replay(connection, row.seq)
    assert again.decision is None
    assert again.differences[-1].startswith("the catalog is not valid: ")


def test_a_catalog_row_that_is_missing_or_double_is_found(database: Database) -> None:
    stock(database, document(), document("release-8", "2.1.0"))
    service = Service(database)
    service.check_in(device())
    with database.reading() as connection:
        second, first = list_entries(connection, kind=Kind.CATALOG)
        content = dict(connection.execute(select(audit).where(audit.c.seq == second.seq)).mappings().one())
    (row,) = service.decisions()
    content["seq"] = row.seq + 1
    with database.changing() as connection:
        connection.execute(insert(audit).values(**content))
    assert "revision 3 of the catalog is not in the audit once" in differences(database, row)
    with database.changing() as connection:
        unlock(connection, is_sqlite=database.is_sqlite)
        connection.execute(delete(audit).where(audit.c.seq.in_([first.seq, row.seq + 1])))
    assert "revision 1 of the catalog is not in the audit once" in differences(database, row)
    with database.changing() as connection:
        connection.execute(delete(audit).where(audit.c.seq == second.seq))
    assert "revision 2 of the catalog is not in the audit once" in differences(database, row)


def test_only_decisions_are_made_again(database: Database) -> None:
    stock(database)
    with database.reading() as connection:
        (row,) = list_entries(connection)
        with pytest.raises(ConflictError, match=rf"^row {row.seq} of the audit is no decision$"):
            replay(connection, row.seq)
        with pytest.raises(NotFoundError):
            replay(connection, row.seq + 1)
