"""`policy publish`: an image goes into a store, and its update into the catalog of its product."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from policy_lang.analysis.lint import lint_policy
from policy_lang.cli.exits import ExitCode, MisuseError
from policy_lang.cli.inputs import read_now, read_policy_text
from policy_lang.cli.output import BAD, GOOD, QUIET, UNSURE, Format, Styled, standard_error, standard_output
from policy_lang.cli.publish_progress import byte_progress
from policy_lang.diagnostics.json import to_plain
from policy_lang.diagnostics.model import Diagnostic, Severity
from policy_lang.documents.problems import quote
from policy_lang.service.images.model import ImageError, ImageStore
from policy_lang.service.images.publish import Published, Release, Watch, locate, plan, publish
from policy_lang.service.images.stores import ImageStores
from policy_lang.service.settings import SettingsError, load_settings
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import StoreError
from policy_lang.service.store.products import get_product
from policy_lang.source import Source
from policy_lang.types.schema import Schema
from policy_lang.types.times import write_timestamp

_ACTOR = "cli"
_STYLES = {"published": GOOD, "unchanged": QUIET, "dry run": UNSURE, "refused": BAD}


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What was asked; the fields are the options of the command."""

    image: Path
    product: str
    version: str
    id: str | None
    policy: str | None
    policy_file: Path | None
    channel: str | None
    description: str | None
    downgrade: bool
    paused: bool
    percent: float | None
    max_devices: int | None
    max_per_period: int | None
    period: str | None
    start: str | None
    ramp: str | None
    pause_on_failures: int | None
    store: str | None
    database: str | None
    config: Path | None
    now: str | None
    dry_run: bool
    format: Format


def run_publish(request: PublishRequest) -> ExitCode:
    """Check everything that can be checked, then publish."""
    source, now = _policy(request), read_now(request.now)
    with _in_our_words(), _opened(request) as (store, database):
        findings = lint_policy(source.text, _schema(database, request.product), name=source.name)
        if any(finding.severity is Severity.ERROR for finding in findings):
            _report(request, findings, None, "refused")
            return ExitCode.FINDINGS
        release = Release(request.product, _document(request, source.text, now), _ACTOR, now)
        with byte_progress() as watch:
            done, state = _publish(request, release, store, database, watch)
    _report(request, findings, done, state)
    return ExitCode.FINE


def _publish(
    request: PublishRequest, release: Release, store: ImageStore, database: Database, watch: Watch
) -> tuple[Published, str]:
    """Publish, or find out what that would do; and what to call it."""
    if request.dry_run:
        return plan(release, store, locate(request.image, request.product, store, watch), database), "dry run"
    done = publish(request.image, release, store, database, watch)
    return done, "published" if done.is_new else "unchanged"


def _policy(request: PublishRequest) -> Source:
    """The text of the policy, from the command line or from a file."""
    if (request.policy is None) == (request.policy_file is None):
        raise MisuseError("an update has one policy", "write `--policy EXPR`, or `--policy-file FILE`; `true` means every device")
    if request.policy_file is not None:
        return read_policy_text(request.policy_file)
    return Source(request.policy or "", "--policy")


def _document(request: PublishRequest, policy: str, now: datetime) -> dict[str, Any]:
    """The update as a catalog has it, but for its image; what was not said is left out."""
    document = {
        "id": request.id or f"{request.product}-{request.version}",
        "product": request.product,
        "version": request.version,
        "policy": policy,
        "description": request.description,
        "channel": request.channel,
        "published": write_timestamp(now),
        "paused": request.paused,
        "downgrade": "allow" if request.downgrade else "deny",
        "rollout": _rollout(request, now) or None,
    }
    return {name: value for name, value in document.items() if value is not None}


def _rollout(request: PublishRequest, now: datetime) -> dict[str, Any]:
    """The rollout; a ramp begins now where nobody says when."""
    begin = write_timestamp(now) if request.ramp is not None and request.start is None else request.start
    fields = {
        "percent": request.percent,
        "ramp": request.ramp,
        "start": begin,
        "max_devices": request.max_devices,
        "max_per_period": request.max_per_period,
        "period": request.period,
        "pause_on_failures": request.pause_on_failures,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _schema(database: Database, product: str) -> Schema | None:
    """What devices of the product send."""
    with database.reading() as connection:
        schema = get_product(connection, product).schema
    return None if schema is None else Schema.load(schema)


@contextmanager
def _opened(request: PublishRequest) -> Iterator[tuple[ImageStore, Database]]:
    """The store and the database that the settings name."""
    settings = load_settings(request.config, flags={"database": request.database})
    if settings.catalog is not None:
        raise MisuseError("the catalog is kept in a file", f"add the update to {quote(settings.catalog)}; the service follows it")
    store = ImageStores(settings.images).choose(request.store)
    with closing(Database(settings.database)) as database:
        database.check_schema()
        yield store, database


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the service raises, as mistakes of the command line."""
    try:
        yield
    except (ImageError, StoreError) as error:
        raise MisuseError(error.message, error.remedy) from error
    except SettingsError as error:
        raise MisuseError("; ".join(error.problems), "docs/operations.md lists the settings") from error


def _report(request: PublishRequest, findings: list[Diagnostic], done: Published | None, state: str) -> None:
    """Say what happened: data for a program, or lines for people."""
    if request.format is Format.JSON:
        standard_output().json(_plain(findings, done, state))
        return
    standard_error().diagnostics(findings)
    output = standard_output()
    if done is None:
        output.line(f"{request.image}: ", Styled(state, _STYLES[state]), ", the policy has errors")
        return
    document, location = done.update.document, done.location
    output.line(f"{document['id']}: ", Styled(state, _STYLES[state]))
    for name, value in (
        ("product", f"{document['product']} {document['version']}"),
        ("image", f"{location.size:,} bytes in `{location.store}`"),
        ("key", location.key),
        ("policy", document["policy"]),
        ("rollout", ", ".join(f"{field} {value}" for field, value in document.get("rollout", {}).items())),
        ("paused", "until somebody resumes it" if done.update.effective["paused"] else ""),
    ):
        if value:
            output.line(f"  {name:<8}", value)


def _plain(findings: list[Diagnostic], done: Published | None, state: str) -> dict[str, Any]:
    """The outcome as JSON values."""
    return {
        "state": state,
        "update": None if done is None else done.update.effective,
        "image": None if done is None else done.location.to_plain(),
        "findings": [to_plain(finding) for finding in findings],
    }
