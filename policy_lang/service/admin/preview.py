"""What another policy changes for the devices: how many it matches that the old one did not, and the other way round.

The devices are those of the fleet that the settings name. Without one they are the last audited check-in of each device, as many as
the audit holds; the answer says which, and how many. The question is the policy's alone, among the devices whose product and
version let the update in: pauses, times and limits are not counted, so an update can be looked at before anybody gets it.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from sqlalchemy import Connection

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.extras import MissingExtraError, require
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.survey import IsCandidate, IsProduct, Result, Survey
from policy_lang.fleet.unsupported import UnsupportedError
from policy_lang.service.admin.proposals import Proposal
from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.columns import write_json
from policy_lang.service.store.database import Database

MOST_ROWS: Final = 50_000
"""How many rows of the audit are looked at, the latest first."""

MOST_TEXT: Final = 64 * 1024 * 1024
"""How many characters of JSON the devices of an audit have together at most; each of them may have sent as much as a body has."""

_PAGE: Final = 250
_LINES: Final = frozenset({".ndjson", ".jsonl"})
_LARGEST_LOOP: Final = 16 * 1024 * 1024

Ids = list[str]


class Samples(msgspec.Struct, frozen=True):
    """The ids of some devices of each kind, always the same ones."""

    gained: Ids
    lost: Ids
    unknown: Ids


class Preview(msgspec.Struct, frozen=True):
    """What another policy changes.

    Attributes:
        basis: whether a fleet was asked, or the last audited check-in of each device.
        source: the name of the fleet's file, or of the audit.
        is_complete: whether all devices of the basis were asked; the audit is read up to a bound.
        devices: how many devices of the product it has.
        candidates: for how many of them the update is one, by its version.
        before: how many candidates the policy matches now.
        after: how many it will match.
        gained: how many are matched then and are not now.
        lost: how many are matched now and are not then.
        unknown: for how many it will be unknown, because of what they did not send.
        samples: some of their ids.
    """

    basis: Literal["fleet", "audit"]
    source: str
    is_complete: bool
    devices: Annotated[int, msgspec.Meta(ge=0)]
    candidates: int
    before: int
    after: int
    gained: int
    lost: int
    unknown: int
    samples: Samples


class FleetError(Exception):
    """The fleet of the settings cannot say what a change would do."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The devices that are asked.

    Attributes:
        kind: where they are from.
        survey: what answers.
        is_complete: whether it has all of them.
    """

    kind: Literal["fleet", "audit"]
    survey: Survey
    is_complete: bool


def preview(database: Database, fleet: str | None, proposal: Proposal, now: datetime, sample: int) -> Preview:
    """What another policy changes for the devices.

    Args:
        database: where the audit is.
        fleet: the file of the settings.
        proposal: the update, with both policies.
        now: the time of the question.
        sample: how many devices of each kind are named.

    Raises:
        FleetError: the fleet cannot be read or cannot answer.
    """
    with _in_our_words(), _basis(database, fleet, proposal) as basis:
        return _ask(basis, proposal, now, sample)


def last_checkins(
    connection: Connection, product: str, most: int = MOST_ROWS, most_text: int = MOST_TEXT
) -> tuple[list[Mapping[str, Any]], bool]:
    """What each device of a product sent last, as far as the audit kept it, and whether all of the audit was read.

    Args:
        connection: for reading.
        product: the product.
        most: how many rows are looked at.
        most_text: how many characters of JSON are kept.
    """
    found: dict[str, Mapping[str, Any]] = {}
    before: int | None = None
    left = most_text
    for _ in range(-(-most // _PAGE)):
        page = list_entries(connection, product=product, kind=Kind.DECISION, before=before, limit=_PAGE)
        for row in page:
            if row.entry.device_id is None or row.entry.device_id in found:
                continue
            device = row.entry.document["device"]
            left -= len(write_json(device))
            if left < 0:
                return list(found.values()), False
            found[row.entry.device_id] = device
        if len(page) < _PAGE:
            return list(found.values()), True
        before = page[-1].seq
    return list(found.values()), False


@contextmanager
def _basis(database: Database, fleet: str | None, proposal: Proposal) -> Iterator[Basis]:
    """The devices, for as long as they are asked."""
    if fleet is None:
        with database.reading() as connection:
            devices, is_complete = last_checkins(connection, proposal.known.product)
        yield Basis("audit", Loop(devices, schema=proposal.catalog.schema, name="last audited check-ins"), is_complete)
        return
    path = Path(fleet)
    if path.suffix.lower() in _LINES and path.exists() and path.stat().st_size <= _LARGEST_LOOP:
        yield Basis("fleet", Loop.read(path, schema=proposal.catalog.schema), is_complete=True)
        return
    with _engine(path) as survey:
        yield Basis("fleet", survey, is_complete=True)


@contextmanager
def _engine(path: Path) -> Iterator[Survey]:
    """A fleet of any size, through the embedded engine."""
    require("duckdb", "pyarrow", "sqlglot")
    from duckdb import Error  # noqa: PLC0415  an extra

    from policy_lang.fleet.sources import open_fleet  # noqa: PLC0415  an extra

    try:
        with closing(open_fleet(path)) as fleet:
            yield fleet.survey(path.name)
    except Error as error:
        raise FleetError(str(error).partition("\n")[0]) from error


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What can be wrong with a fleet, as one error."""
    try:
        yield
    except DeviceFileError as error:
        raise FleetError(error.diagnostics[0].message) from error
    except (MissingExtraError, UnsupportedError, ValueError, OSError) as error:
        raise FleetError(str(error)) from error


def _ask(basis: Basis, proposal: Proposal, now: datetime, sample: int) -> Preview:
    """Ask both policies of every candidate."""
    before, after, catalog = proposal.before, proposal.after, proposal.catalog
    pair, among = (_result(before, now), _result(after, now)), [IsCandidate(after, catalog)]
    counted = basis.survey.tally(pair, among)
    named = basis.survey.sample(pair, sample, among) if sample else {}

    def count(old: Any, new: Any) -> int:
        return sum(devices for key, devices in counted.items() if _is(key[0], old) and _is(key[1], new))

    def ids(old: Any, new: Any) -> Ids:
        found = [each for key, some in named.items() if _is(key[0], old) and _is(key[1], new) for each in some]
        return sorted(found)[:sample]

    return Preview(
        basis=basis.kind,
        source=Path(basis.survey.name).name,
        is_complete=basis.is_complete,
        devices=_of_product(basis.survey, after, catalog),
        candidates=sum(counted.values()),
        before=count(_TRUE, _ANY),
        after=count(_ANY, _TRUE),
        gained=count(_OTHER, _TRUE),
        lost=count(_TRUE, _OTHER),
        unknown=count(_ANY, _UNKNOWN),
        samples=Samples(ids(_OTHER, _TRUE), ids(_TRUE, _OTHER), ids(_ANY, _UNKNOWN)),
    )


_TRUE, _OTHER, _UNKNOWN = (True,), (False, None), (None,)
_ANY = (True, False, None)


def _is(result: Any, wanted: tuple[Any, ...]) -> bool:
    """Whether a result is one of some."""
    return any(result is each for each in wanted)


def _result(update: Update, now: datetime) -> Result:
    """The question whether the policy of an update matches."""
    return Result(update.bound, update.facts, now)


def _of_product(survey: Survey, update: Update, catalog: Catalog) -> int:
    """How many devices are of the product of an update."""
    return survey.tally([IsProduct(update.product, catalog)])[(True,)]
