import io
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stores import NOW, document, empty_url, opened

from policy_lang.cli import main
from policy_lang.rollout.ledger import Limits
from policy_lang.selection.engine import Selector
from policy_lang.service.replay import decision_entry
from policy_lang.service.store.audit import append
from policy_lang.service.store.catalogs import load_product
from policy_lang.service.store.grants import make_grant
from policy_lang.service.store.reports import record_report
from policy_lang.service.store.sync import actor_of, read_file, sync_catalog
from policy_lang.service.store.tokens import Scope, list_tokens, secret_digest
from policy_lang.service.store.updates import put_update

Run = Callable[..., tuple[int, str, str]]
ROLLOUT = {"max_devices": 100, "pause_on_failures": 0}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy service` in a folder of its own, with a database that was migrated and has one product."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICY_DATABASE", "sqlite:///service.db")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["service", *arguments])
        return code, *capsys.readouterr()

    assert call("migrate") == (0, "sqlite:///service.db: ready\n", "")
    assert call("product", "add", "atlas")[0] == 0
    return call


def put(run: Run, *documents: dict[str, Any]) -> tuple[int, str, str]:
    """Put the updates of a file."""
    Path("updates.json").write_text(json.dumps({"updates": list(documents)}))
    return run("updates", "put", "atlas", "updates.json")


def rows(out: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    return [re.split(r"  +", line.strip()) for line in out.splitlines()[1:]]


def test_a_database_has_to_be_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLICY_DATABASE")
    code, out, err = run("product", "list")
    assert (code, out) == (2, "")
    assert err == "error: no database is named\n  = help: write `--database sqlite:///service.db`, or set POLICY_DATABASE\n"


def test_a_database_has_to_be_migrated(run: Run) -> None:
    code, _, err = run("product", "list", "--database", "sqlite:///other.db")
    assert (code, err.splitlines()[1]) == (2, "  = help: run `policy service migrate`")
    assert not Path("other.db").exists()


def test_the_same_on_postgresql(run: Run, tmp_path: Path) -> None:
    url = empty_url("postgresql", tmp_path)
    assert run("migrate", "-d", url, "-f", "json")[0] == 0
    assert run("product", "add", "lamp", "-d", url)[0] == 0
    assert [cells[0] for cells in rows(run("product", "list", "-d", url)[1])] == ["lamp"]


def test_a_group_alone_shows_its_commands(run: Run) -> None:
    for group in ([], ["product"], ["token"], ["updates"], ["audit"]):
        code, out, err = run(*group)
        assert (code, err) == (2, "")
        assert "Usage: policy service" in out


def test_products(run: Run) -> None:
    Path("schema.yaml").write_text("type: object\nproperties: {pro: {type: boolean}}\n")
    assert run("product", "add", "lamp", "--schema", "schema.yaml")[0] == 0
    code, out, err = run("product", "list")
    assert (code, err) == (0, "")
    assert [cells[:3] for cells in rows(out)] == [["atlas", "0", "-"], ["lamp", "0", "declared"]]
    listed = [json.loads(line) for line in run("product", "list", "--format", "json")[1].splitlines()]
    assert [each["product"] for each in listed] == ["atlas", "lamp"]
    assert listed[1]["schema"] == {"type": "object", "properties": {"pro": {"type": "boolean"}}}


def test_what_is_no_schema(run: Run) -> None:
    Path("schema.yaml").write_text("type: thing\n")
    Path("list.yaml").write_text("- a\n")
    assert "PL4" in run("product", "add", "lamp", "--schema", "schema.yaml")[2]
    assert "`list.yaml` is no JSON Schema" in run("product", "add", "lamp", "--schema", "list.yaml")[2]
    assert run("product", "add", "atlas")[2].startswith("error: there is a product `atlas` already\n")


def test_the_secret_of_a_token_is_alone_on_standard_output(run: Run) -> None:
    code, out, err = run("token", "create", "atlas", "--note", "line 3")
    assert code == 0
    assert re.fullmatch(r"[0-9a-f]{64}\n", out)
    assert out.strip() not in err
    with opened("sqlite:///service.db") as database, database.reading() as connection:
        (token,) = list_tokens(connection, "atlas")
    assert (token.digest, token.note, token.scope) == (secret_digest(out.strip()), "line 3", Scope.DEVICE)
    assert out.strip() not in run("token", "list")[1] + run("audit", "list", "-f", "json")[1]


def test_a_secret_from_a_file_is_not_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("old.token").write_text("01HZ9Y7G4Q8W2E5R\n")
    code, out, err = run("token", "create", "atlas", "--secret-file", "old.token")
    assert (code, out) == (0, "")
    assert "01HZ9Y7G4Q8W2E5R" not in err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"01HZ9Y7G4Q8W2E5S\n")))
    made = json.loads(run("token", "create", "atlas", "--secret-file", "-", "-f", "json")[1])
    assert made["secret"] is None
    with opened("sqlite:///service.db") as database, database.reading() as connection:
        known = {token.digest for token in list_tokens(connection)}
    assert known == {secret_digest("01HZ9Y7G4Q8W2E5R"), secret_digest("01HZ9Y7G4Q8W2E5S")}


def test_a_token_is_rotated_and_revoked(run: Run) -> None:
    first = json.loads(run("token", "create", "atlas", "--scope", "admin", "--expires", "90d", "-f", "json")[1])
    assert first["state"] == "valid"
    expires = datetime.fromisoformat(first["expires"])
    assert timedelta(days=89) < expires - datetime.now(UTC) <= timedelta(days=90)  # noqa: TID251  the command reads it, too
    second = json.loads(run("token", "rotate", first["token"], "--overlap", "7d", "-f", "json")[1])
    assert (second["scope"], second["expires"]) == ("admin", None)
    assert run("token", "revoke", second["token"])[0] == 0
    listed = {cells[0]: cells for cells in rows(run("token", "list", "--product", "atlas")[1])}
    assert listed[first["token"]][-1] == "valid"
    assert listed[second["token"]][-1] == "revoked"
    run("token", "rotate", first["token"], "--overlap", "0s")
    ended = [json.loads(line) for line in run("token", "list", "-f", "json")[1].splitlines()]
    assert {each["token"]: each["state"] for each in ended}[first["token"]] == "expired"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("token", "create", "lamp"), "there is no product `lamp`"),
        (("token", "create", "atlas", "--scope", "root"), "`root` is no scope"),
        (("token", "create", "atlas", "--expires", "soon"), "`soon` is no moment in the future"),
        (("token", "create", "atlas", "--expires", "2020-01-01T00:00:00Z"), "`2020-01-01T00:00:00Z` is no moment in the future"),
        (("token", "rotate", "abc", "--overlap", "long"), "`long` is no duration"),
        (("token", "revoke", "abc"), "there is no token `abc`"),
        (("updates", "list", "lamp"), "there is no product `lamp`"),
        (("updates", "pause", "atlas", "x"), "there is no update `x`"),
        (("audit", "list", "--kind", "thing"), "`thing` is no kind of row"),
        (("audit", "show", "77"), "the audit has no row 77"),
        (("audit", "replay", "1"), "row 1 of the audit is no decision"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"error: {message}"
    assert err.splitlines()[1].startswith("  = help: ")


def test_updates_are_put_all_or_none(run: Run) -> None:
    code, out, err = put(run, document("a"), document("b", "2.1.0", rollout=ROLLOUT))
    assert (code, err) == (0, "")
    assert rows(out) == [
        ["a", "2.0.0", "0", "0", "0", "-", "offered"],
        ["b", "2.1.0", "0", "0", "0", "max_devices 100, pause_on_failures 0", "offered"],
    ]
    code, out, err = put(run, document("c", "3.0.0"), document("d", "4.0.0", policy="device.version <"))
    assert (code, out) == (2, "")
    assert "updates[1].policy" in err
    assert [cells[0] for cells in rows(run("updates", "list", "atlas")[1])] == ["b", "a"]


def test_one_update_is_a_document_of_its_own(run: Run) -> None:
    Path("one.yaml").write_text(json.dumps(document("a")))
    assert run("updates", "put", "atlas", "one.yaml")[0] == 0
    Path("odd.json").write_text('{"updates": {"a": 1}}')
    assert run("updates", "put", "atlas", "odd.json")[2].startswith("error: `updates` in `odd.json` is no list of updates\n")
    Path("whole.json").write_text(json.dumps({"schema": {}, "updates": [document("a")]}))
    assert run("updates", "put", "atlas", "whole.json")[2].startswith(
        "error: `whole.json` has a schema, which belongs to the product\n"
    )


def test_an_update_goes_through_its_states(run: Run) -> None:
    put(run, document("a", rollout=ROLLOUT))
    with opened("sqlite:///service.db") as database, database.changing() as connection:
        make_grant(connection, "a", "device-1", Limits(), NOW)
        record_report(connection, "atlas", "a", "device-2", is_success=True, now=NOW)
        record_report(connection, "atlas", "a", "device-1", is_success=False, now=NOW)
    assert [cells[-1] for cells in rows(run("audit", "list", "-n", "4")[1])] == [
        "hold, revision 2",
        "failure",
        "success",
        "grant 1",
    ]
    numbers = ["a", "2.0.0", "1", "1", "1", "max_devices 100, pause_on_failures 0"]
    assert rows(run("updates", "list", "atlas")[1]) == [[*numbers, "held"]]
    assert rows(run("updates", "resume", "atlas", "a")[1]) == [[*numbers, "offered"]]
    assert rows(run("updates", "pause", "atlas", "a")[1]) == [[*numbers, "paused"]]
    shown = json.loads(run("updates", "remove", "atlas", "a", "-f", "json")[1])
    assert (shown["state"], shown["granted"], shown["installed"], shown["failed"]) == ("removed", 1, 1, 1)
    assert run("updates", "list", "atlas")[1] == ""
    assert rows(run("updates", "list", "atlas", "--all")[1]) == [[*numbers, "removed"]]


def test_a_change_of_a_catalog_that_is_kept_in_a_file_is_warned_of(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(json.dumps({"updates": [{**document("a"), "product": "atlas"}]}))
    assert put(run, document("b", "3.0.0"))[2] == ""
    with opened("sqlite:///service.db") as database:
        sync_catalog(database, read_file("fleet.yaml"), actor=actor_of(tmp_path / "fleet.yaml"), now=NOW)
    code, out, err = run("updates", "pause", "atlas", "a")
    assert (code, rows(out)[0][-1]) == (0, "paused")
    assert err == (
        "warning: the catalog of `atlas` was read from `fleet.yaml`\n"
        "  = help: change `fleet.yaml` too; where `policy serve` follows it, its next change or start undoes this one\n"
    )
    assert "fleet.yaml" in put(run, document("b", "3.0.0"))[2]


def test_an_update_without_its_image(run: Run) -> None:
    with opened("sqlite:///service.db") as database, database.changing() as connection:
        put_update(connection, "atlas", document("a"), actor="test", now=NOW, is_verified=False)
    assert [cells[-1] for cells in rows(run("updates", "list", "atlas")[1])] == ["unverified"]


def decide(device: dict[str, Any]) -> None:
    """Write the audit of a decision, as a worker does."""
    with opened("sqlite:///service.db") as database, database.changing() as connection:
        state = load_product(connection, "atlas")
        decision = Selector(state.catalog()).select(device, NOW)
        about: dict[str, Any] = {"revision": state.product.revision, "digest": state.product.digest, "device_id": device["id"]}
        append(connection, [decision_entry(decision, device, NOW, product="atlas", **about)])


def test_the_audit_is_listed_from_the_latest_row_on(run: Run) -> None:
    put(run, document("a"))
    run("token", "create", "atlas")
    run("updates", "pause", "atlas", "a")
    decide({"id": "device-1", "product": "atlas", "version": "1.0.0"})
    code, out, err = run("audit", "list")
    assert (code, err) == (0, "")
    listed = rows(out)
    assert [cells[0] for cells in listed] == ["5", "4", "3", "2", "1"]
    assert [re.sub(r"create \w+", "create …", cells[-1]) for cells in listed] == [
        "no match",
        "pause, revision 2",
        "create …",
        "put, revision 1",
        "added",
    ]
    assert [cells[0] for cells in rows(run("audit", "list", "--kind", "catalog", "--before", "4")[1])] == ["2"]
    assert [cells[0] for cells in rows(run("audit", "list", "--device", "device-1", "--product", "atlas")[1])] == ["5"]
    assert [cells[0] for cells in rows(run("audit", "list", "--update", "a", "-n", "1")[1])] == ["4"]
    assert json.loads(run("audit", "show", "4")[1])["document"]["action"] == "pause"


def test_a_decision_is_replayed(run: Run) -> None:
    put(run, document("a", policy="device.pro"), document("b", "1.5.0"))
    decide({"id": "device-1", "product": "atlas", "version": "1.0.0"})
    code, out, err = run("audit", "replay", "3")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "atlas, revision 1, 2026-05-01T12:00:00Z: offered"
    assert out.splitlines()[1].startswith("  2.0.0  a  ")
    assert out.splitlines()[-1] == "the decision is the same again"
    again = json.loads(run("audit", "replay", "3", "-f", "json")[1])
    assert (again["row"], again["agrees"], again["differences"]) == (3, True, [])
    assert [step["gate"] for step in again["decision"]["trace"]] == ["policy unknown", "offered"]


def test_tampering_is_found(run: Run) -> None:
    put(run, document("a"))
    decide({"id": "device-1", "product": "atlas", "version": "1.0.0"})
    with closing(sqlite3.connect("service.db", isolation_level=None)) as copy:
        copy.execute("DROP TRIGGER audit_refuses_update")
        copy.execute("""UPDATE audit SET document = replace(document, '"update":"a"', '"update":"b"') WHERE seq = 3""")
    code, out, _ = run("audit", "replay", "3")
    assert code == 1
    assert out.splitlines()[-2:] == ["row 3 of the audit was changed after it was written", "the update was `b` and is `a`"]
    code, _, err = run("audit", "show", "3")
    assert (code, err) == (1, "row 3 of the audit was changed after it was written\n")


def test_a_catalog_that_cannot_be_rebuilt(run: Run) -> None:
    put(run, document("a"))
    decide({"id": "device-1", "product": "atlas", "version": "1.0.0"})
    with closing(sqlite3.connect("service.db", isolation_level=None)) as copy:
        copy.execute("DROP TRIGGER audit_refuses_update")
        copy.execute("""UPDATE audit SET document = replace(document, '"version":"2.0.0"', '"version":"2"') WHERE seq = 2""")
    code, out, _ = run("audit", "replay", "3")
    assert code == 1
    assert out.splitlines()[-1].startswith("the catalog is not valid: ")
    assert json.loads(run("audit", "replay", "3", "-f", "json")[1])["decision"] is None
