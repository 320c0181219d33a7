"""`policy service product` and `policy service updates`: the catalogs in a database."""

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import input_name, read_object
from policy_lang.cli.output import BAD, GOOD, QUIET, UNSURE, Format, Styled, standard_error, standard_output
from policy_lang.cli.service_store import ACTOR, clock, open_store
from policy_lang.cli.table import EMPTY, Table
from policy_lang.documents.problems import quote
from policy_lang.documents.read import read_document
from policy_lang.errors import SchemaError
from policy_lang.service.store import catalogs, products, updates
from policy_lang.service.store.catalogs import StoredUpdate
from policy_lang.service.store.grants import count_grants
from policy_lang.service.store.products import Product
from policy_lang.service.store.reports import ReportCounts, count_reports
from policy_lang.service.store.sync import followed_file

_PRODUCTS = ("product", "revision", "schema", "created")
_UPDATES = ("update", "version", "granted", "installed", "failed", "rollout", "state")
_STYLES = {"offered": GOOD, "paused": UNSURE, "held": BAD, "removed": QUIET, "unverified": UNSURE}


class Deed(Enum):
    """What can be done to an update."""

    REMOVE = "remove"
    PAUSE = "pause"
    RESUME = "resume"


_DEEDS = {Deed.REMOVE: updates.remove_update, Deed.PAUSE: updates.pause_update, Deed.RESUME: updates.resume_update}


class _Line(NamedTuple):
    """What is shown of an update."""

    update: StoredUpdate
    granted: int
    reports: ReportCounts


def add_product(url: str | None, product_id: str, schema: Path | None, output_format: Format) -> ExitCode:
    """Add a product."""
    declared = None if schema is None else _object(schema)
    with open_store(url) as database, database.changing() as connection:
        product = products.add_product(connection, product_id, schema=declared, actor=ACTOR, now=clock())
    _write_products([product], output_format)
    return ExitCode.FINE


def list_products(url: str | None, output_format: Format) -> ExitCode:
    """List the products."""
    with open_store(url) as database, database.reading() as connection:
        found = products.list_products(connection)
    _write_products(found, output_format)
    return ExitCode.FINE


def list_updates(url: str | None, product_id: str, output_format: Format, *, removed: bool) -> ExitCode:
    """List the updates of a product."""
    with open_store(url) as database, database.reading() as connection:
        products.get_product(connection, product_id)
        found = [_line(connection, each) for each in catalogs.list_updates(connection, product_id, removed=removed)]
    _write_updates(found, output_format)
    return ExitCode.FINE


def put_updates(url: str | None, product_id: str, file: Path, output_format: Format) -> ExitCode:
    """Put the updates of a file, all or none."""
    documents = _documents(file)
    with open_store(url) as database, database.changing() as connection:
        put = updates.put_updates(connection, product_id, documents, actor=ACTOR, now=clock())
        lines = [_line(connection, each) for each in put]
        followed = followed_file(connection, product_id)
    _warn_of(followed, product_id)
    _write_updates(lines, output_format)
    return ExitCode.FINE


def change_update(url: str | None, product_id: str, update_id: str, deed: Deed, output_format: Format) -> ExitCode:
    """Do something to one update."""
    with open_store(url) as database, database.changing() as connection:
        line = _line(connection, _DEEDS[deed](connection, product_id, update_id, actor=ACTOR, now=clock()))
        followed = followed_file(connection, product_id)
    _warn_of(followed, product_id)
    _write_updates([line], output_format)
    return ExitCode.FINE


def _warn_of(file: str | None, product_id: str) -> None:
    """Say that a change does not last where the catalog is kept in a file."""
    if file is not None:
        errors, name = standard_error(), quote(file)
        errors.line(Styled(f"warning: the catalog of {quote(product_id)} was read from {name}", UNSURE))
        errors.line(f"  = help: change {name} too; where `policy serve` follows it, its next change or start undoes this one")
        errors.flush()


def _documents(file: Path) -> Sequence[Mapping[str, Any]]:
    """The updates of a file: one, or those of a catalog."""
    read = read_object(file, "an update")
    if "updates" in read and "schema" in read:
        raise MisuseError(f"{quote(input_name(file))} has a schema, which belongs to the product", "leave `schema` out")
    found = read.get("updates", [read])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise MisuseError(f"`updates` in {quote(input_name(file))} is no list of updates", "write them as a catalog has them")
    return found


def _object(schema: Path) -> dict[str, Any]:
    """The schema in a file, as it is written; whether it is one is checked where it is stored."""
    value = read_document(schema, error=SchemaError).value
    if not isinstance(value, dict):
        raise MisuseError(f"{quote(str(schema))} is no JSON Schema", "write `type: object` and `properties`")
    return value


def _write_products(found: Sequence[Product], output_format: Format) -> None:
    output = standard_output()
    table = Table(output, _PRODUCTS)
    for each in found:
        created = f"{each.created:%Y-%m-%d}"
        if output_format is Format.JSON:
            output.json({"product": each.id, "revision": each.revision, "schema": each.schema, "created": created})
        else:
            table.add((each.id, str(each.revision), EMPTY if each.schema is None else "declared", created))
    table.close()
    output.flush()


def _line(connection: Connection, update: StoredUpdate) -> _Line:
    return _Line(update, count_grants(connection, update.id), count_reports(connection, update.id))


def _write_updates(lines: Sequence[_Line], output_format: Format) -> None:
    output = standard_output()
    table = Table(output, _UPDATES)
    for line in lines:
        if output_format is Format.JSON:
            output.json(_plain(line))
        else:
            table.add(_cells(line), _STYLES[_state(line.update)])
    table.close()
    output.flush()


def _cells(line: _Line) -> tuple[str, ...]:
    update, granted, reports = line
    numbers = (str(granted), str(reports.successes), str(reports.failures))
    return (update.id, update.document["version"], *numbers, _rollout(update), _state(update))


def _plain(line: _Line) -> dict[str, Any]:
    update, granted, reports = line
    counts = {"granted": granted, "installed": reports.successes, "failed": reports.failures}
    return {"update": update.id, "state": _state(update), **counts, "revision": update.revision, "document": update.effective}


def _rollout(each: StoredUpdate) -> str:
    """The rollout in few words."""
    fields = each.document.get("rollout", {})
    return ", ".join(f"{name} {value}" for name, value in fields.items()) or EMPTY


def _state(each: StoredUpdate) -> str:
    """Whether it is offered, and why not."""
    if each.is_removed:
        return "removed"
    if not each.is_verified:
        return "unverified"
    if each.is_held:
        return "held"
    return "paused" if each.document["paused"] else "offered"
