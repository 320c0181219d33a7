"""The first tables, and the triggers that keep the audit as it was written.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from policy_lang.service.store.columns import Json, Name

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFUSAL = "the audit is append-only"


def upgrade() -> None:
    """Make the tables."""
    _create_catalogs()
    _create_counts()
    _create_audit()
    op.execute("INSERT INTO counters (name, value) VALUES ('tokens', 0)")


def _create_catalogs() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "products",
        sa.Column("id", Name(), nullable=False),
        sa.Column("schema", Json()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", Name(), nullable=False),
        sa.Column("product", Name(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("note", Name(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger()),
        sa.Column("revoked", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["product"], ["products.id"], name="fk_tokens_product"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )
    op.create_table(
        "updates",
        sa.Column("id", Name(), nullable=False),
        sa.Column("product", Name(), nullable=False),
        sa.Column("version_key", Name(), nullable=False),
        sa.Column("document", Json(), nullable=False),
        sa.Column("image", Json()),
        sa.Column("pause_on_failures", sa.BigInteger()),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_updates"),
        sa.ForeignKeyConstraint(["product"], ["products.id"], name="fk_updates_product"),
    )
    op.create_index("ix_updates_product_revision", "updates", ["product", "revision"])
    op.create_index("ix_updates_product_version_key", "updates", ["product", "version_key"])


def _create_counts() -> None:
    op.create_table(
        "accounts",
        sa.Column("update_id", Name(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_accounts"),
    )
    op.create_table(
        "grants",
        sa.Column("update_id", Name(), nullable=False),
        sa.Column("device_id", Name(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.BigInteger()),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", "device_id", name="pk_grants"),
        sa.UniqueConstraint("update_id", "number", name="uq_grants_update_id_number"),
    )
    op.create_table(
        "reports",
        sa.Column("update_id", Name(), nullable=False),
        sa.Column("device_id", Name(), nullable=False),
        sa.Column("is_success", sa.Boolean(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", "device_id", "is_success", name="pk_reports"),
    )
    op.create_index("ix_reports_update_id_is_latest_is_success_round", "reports", ["update_id", "is_latest", "is_success", "round"])
    op.create_table(
        "deferred",
        sa.Column("update_id", Name(), nullable=False),
        sa.Column("device_id", Name(), nullable=False),
        sa.Column("gate", sa.String(32), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", "device_id", name="pk_deferred"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, sa.Identity(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("actor", Name(), nullable=False),
        sa.Column("product", Name()),
        sa.Column("revision", sa.BigInteger()),
        sa.Column("device_id", Name()),
        sa.Column("update_id", Name()),
        sa.Column("document", Json(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_product_kind_revision", "audit", ["product", "kind", "revision"])
    op.create_index("ix_audit_device_id", "audit", ["device_id"])
    op.create_index("ix_audit_update_id", "audit", ["update_id"])
    if op.get_bind().dialect.name == "sqlite":
        _forbid_in_sqlite()
    else:
        _forbid_in_postgresql()


def _forbid_in_sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{event.lower()} BEFORE {event} ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
    # REPLACE deletes without asking the trigger above.
    when = "WHEN NEW.seq IN (SELECT seq FROM audit)"
    op.execute(f"CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit {when} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")


def _forbid_in_postgresql() -> None:
    body = f"BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END"
    op.execute(f"CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    for event in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{event.lower()} BEFORE {event} ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
        )
