from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from stores import HOUR, NOW, migrated_url, opened, stock

from policy_lang.service.store.audit import list_entries
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.products import read_revisions
from policy_lang.service.store.tables import METADATA
from policy_lang.service.store.tokens import (
    NewToken,
    Scope,
    Token,
    create_token,
    get_token,
    list_tokens,
    revoke_token,
    rotate_token,
    secret_digest,
)

IMPORTED = "01HZ9Y7G4Q8W2E5R"
WEEK = timedelta(days=7)


def create(database: Database, scope: Scope = Scope.DEVICE, **options: Any) -> NewToken:
    """A new token of the thermostat."""
    with database.changing() as connection:
        return create_token(connection, "thermostat", scope, actor="test", now=NOW, **options)


def known(database: Database, token_id: str) -> Token:
    """A token as it is kept."""
    with database.reading() as connection:
        return get_token(connection, token_id)


def revision(database: Database) -> int:
    """How often tokens changed."""
    with database.reading() as connection:
        return read_revisions(connection).tokens


def test_a_token_is_kept_without_its_secret(database: Database) -> None:
    stock(database)
    new = create(database, note="line 3")
    assert len(new.secret) == 64
    assert known(database, new.token.id) == new.token
    assert new.token.digest == secret_digest(new.secret)
    assert (new.token.scope, new.token.note, new.token.expires, new.token.revoked) == (Scope.DEVICE, "line 3", None, None)


def test_no_table_holds_a_secret(database: Database) -> None:
    """Whoever reads the database gets in nowhere."""
    stock(database)
    secrets = [create(database).secret, create(database, secret=IMPORTED).secret]
    with database.reading() as connection:
        everything = [str(row) for table in METADATA.sorted_tables for row in connection.execute(table.select())]
    assert not [row for row in everything for secret in secrets if secret in row]


def test_no_file_of_sqlite_holds_a_secret(tmp_path: Path) -> None:
    with opened(migrated_url("sqlite", tmp_path)) as database:
        stock(database)
        secret = create(database).secret.encode()
        files = {file: file.read_bytes() for file in tmp_path.iterdir()}
        assert [file for file, data in files.items() if b"thermostat" in data]
        assert not [file for file, data in files.items() if secret in data or secret[:16] in data]


def test_secrets_differ(database: Database) -> None:
    stock(database)
    assert create(database).secret != create(database).secret


def test_a_secret_that_devices_have_is_imported(database: Database) -> None:
    stock(database)
    new = create(database, secret=IMPORTED)
    assert new.secret == IMPORTED
    assert new.token.digest == secret_digest(IMPORTED)


@pytest.mark.parametrize("secret", ["", "fifteen-letters", "x" * 1025, "sixteen letters!", "sixteen-letters\n", "sixteen-lettersü"])
def test_a_secret_that_is_none(database: Database, secret: str) -> None:
    stock(database)
    with pytest.raises(ConflictError, match=r"^the secret has not from 16 to 1024 characters") as error:
        create(database, secret=secret)
    assert not secret or secret not in str(error.value)


def test_a_secret_is_that_of_one_token(database: Database) -> None:
    stock(database)
    create(database, secret=IMPORTED)
    with pytest.raises(ConflictError, match=r"^the secret is that of a token that exists$"):
        create(database, Scope.ADMIN, secret=IMPORTED)


def test_a_token_ends(database: Database) -> None:
    stock(database)
    token = create(database, expires=NOW + HOUR).token
    assert token.is_valid(NOW)
    assert not token.is_valid(NOW + HOUR)


def test_a_token_is_revoked_at_once_and_for_good(database: Database) -> None:
    stock(database)
    token = create(database).token
    for later in (HOUR, 2 * HOUR):
        with database.changing() as connection:
            assert revoke_token(connection, token.id, actor="test", now=NOW + later).revoked == NOW + HOUR
    assert not known(database, token.id).is_valid(NOW)


def test_a_rotated_token_stays_valid_for_the_overlap(database: Database) -> None:
    stock(database)
    old = create(database, Scope.ADMIN, note="build server").token
    with database.changing() as connection:
        new = rotate_token(connection, old.id, overlap=WEEK, actor="test", now=NOW)
    assert new.token.id != old.id
    assert (new.token.scope, new.token.note, new.token.expires) == (Scope.ADMIN, "build server", None)
    old = known(database, old.id)
    assert old.is_valid(NOW + WEEK - HOUR)
    assert not old.is_valid(NOW + WEEK)
    assert new.token.is_valid(NOW + WEEK)


def test_a_rotation_never_lengthens_a_token(database: Database) -> None:
    stock(database)
    old = create(database, expires=NOW + HOUR).token
    with database.changing() as connection:
        rotate_token(connection, old.id, overlap=WEEK, actor="test", now=NOW, expires=NOW + 2 * WEEK)
    assert known(database, old.id).expires == NOW + HOUR


def test_a_token_that_is_over_is_not_rotated(database: Database) -> None:
    stock(database)
    old = create(database, expires=NOW + HOUR).token
    with pytest.raises(ConflictError, match=r"is revoked or expired$"), database.changing() as connection:
        rotate_token(connection, old.id, overlap=WEEK, actor="test", now=NOW + HOUR)


def test_an_overlap_is_not_negative(database: Database) -> None:
    stock(database)
    old = create(database).token
    with pytest.raises(ConflictError, match=r"^the overlap is negative$"), database.changing() as connection:
        rotate_token(connection, old.id, overlap=-HOUR, actor="test", now=NOW)


def test_each_change_is_seen_by_all_processes_and_kept_in_the_audit(database: Database) -> None:
    stock(database)
    token = create(database).token
    assert revision(database) == 1
    with database.changing() as connection:
        rotate_token(connection, token.id, overlap=WEEK, actor="test", now=NOW)
    assert revision(database) == 3
    with database.changing() as connection:
        revoke_token(connection, token.id, actor="test", now=NOW)
        revoke_token(connection, token.id, actor="test", now=NOW)
    assert revision(database) == 4
    with database.reading() as connection:
        actions = [row.entry.document["action"] for row in list_entries(connection) if row.entry.kind == "token"]
    assert actions == ["revoke", "create", "rotate", "create"]


def test_tokens_of_another_product_are_not_there(database: Database) -> None:
    stock(database)
    stock(database, product="lamp")
    token = create(database).token
    with database.reading() as connection:
        assert list_tokens(connection, "lamp") == []
        assert list_tokens(connection, "thermostat") == list_tokens(connection) == [token]
    for product, token_id in (("lamp", token.id), ("thermostat", "\0"), ("thermostat", "\ud800" * 100)):
        with pytest.raises(NotFoundError, match="there is no token"), database.changing() as connection:
            revoke_token(connection, token_id, actor="test", now=NOW, product=product)


def test_a_note_is_any_short_text(database: Database) -> None:
    stock(database)
    assert known(database, create(database, note="\0 \\ \ud800 é").token.id).note == "\0 \\ \ud800 é"
    with pytest.raises(ConflictError, match=r"^the note has more than 200 characters$"):
        create(database, note="x" * 201)


def test_a_token_needs_a_product(database: Database) -> None:
    with pytest.raises(NotFoundError, match=r"^there is no product `thermostat`$"):
        create(database)


def test_a_digest_of_any_text() -> None:
    assert secret_digest("\ud800") != secret_digest("?")
