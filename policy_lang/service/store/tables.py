"""The tables of the service; `migrations/` makes them, and a test compares the two."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from policy_lang.service.store.columns import Json, Name

_DIGEST = String(64)
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # only an INTEGER counts up by itself there

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

counters: Final = Table(
    "counters",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger(), nullable=False),
)

products: Final = Table(
    "products",
    METADATA,
    Column("id", Name(), primary_key=True),
    Column("schema", Json()),
    Column("revision", BigInteger(), nullable=False),
    Column("digest", _DIGEST, nullable=False),  # of all catalog changes so far, each over the one before
    Column("created", BigInteger(), nullable=False),
)

tokens: Final = Table(
    "tokens",
    METADATA,
    Column("id", Name(), primary_key=True),
    Column("product", Name(), ForeignKey("products.id"), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("digest", _DIGEST, nullable=False, unique=True),
    Column("note", Name(), nullable=False),
    Column("created", BigInteger(), nullable=False),
    Column("expires", BigInteger()),
    Column("revoked", BigInteger()),
)

updates: Final = Table(
    "updates",
    METADATA,
    Column("id", Name(), primary_key=True),
    Column("product", Name(), ForeignKey("products.id"), nullable=False),
    Column("version_key", Name(), nullable=False),
    Column("document", Json(), nullable=False),
    Column("image", Json()),
    Column("pause_on_failures", BigInteger()),
    Column("is_verified", Boolean(), nullable=False),
    Column("is_held", Boolean(), nullable=False),  # paused by reports of failure, whatever its document says
    Column("is_removed", Boolean(), nullable=False),  # an id is never given away: grants and reports go by it
    Column("round", Integer(), nullable=False),  # how often it was resumed; failures of earlier rounds pause no more
    Column("revision", BigInteger(), nullable=False),
    Index(None, "product", "revision"),
    Index(None, "product", "version_key"),
)

accounts: Final = Table(
    "accounts",
    METADATA,
    Column("update_id", Name(), primary_key=True),  # the row is the lock of everything that counts
)

grants: Final = Table(
    "grants",
    METADATA,
    Column("update_id", Name(), primary_key=True),
    Column("device_id", Name(), primary_key=True),
    Column("number", BigInteger(), nullable=False),  # 1 for the first grant of the update, without a gap
    Column("granted_at", BigInteger()),  # as the caller stated it
    Column("recorded_at", BigInteger(), nullable=False),  # never before that of an earlier number
    UniqueConstraint("update_id", "number"),
)

reports: Final = Table(
    "reports",
    METADATA,
    Column("update_id", Name(), primary_key=True),
    Column("device_id", Name(), primary_key=True),
    Column("is_success", Boolean(), primary_key=True),
    Column("is_latest", Boolean(), nullable=False),  # of the two that a device may have
    Column("round", Integer(), nullable=False),
    Column("times", BigInteger(), nullable=False),
    Column("first_at", BigInteger(), nullable=False),
    Column("last_at", BigInteger(), nullable=False),
    Index(None, "update_id", "is_latest", "is_success", "round"),
)

deferred: Final = Table(
    "deferred",
    METADATA,
    Column("update_id", Name(), primary_key=True),
    Column("device_id", Name(), primary_key=True),
    Column("gate", String(32), nullable=False),
    Column("first_at", BigInteger(), nullable=False),
    Column("last_at", BigInteger(), nullable=False),
)

audit: Final = Table(
    "audit",
    METADATA,
    Column("seq", _NUMBER, Identity(), primary_key=True),
    Column("at", BigInteger(), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor", Name(), nullable=False),
    Column("product", Name()),
    Column("revision", BigInteger()),
    Column("device_id", Name()),
    Column("update_id", Name()),
    Column("document", Json(), nullable=False),
    Column("digest", _DIGEST, nullable=False),  # of all the other columns but `seq`
    Index(None, "product", "kind", "revision"),
    Index(None, "device_id"),
    Index(None, "update_id"),
    sqlite_autoincrement=True,
)
