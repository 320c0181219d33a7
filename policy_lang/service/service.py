"""The live parts of a running service, in one place: what every endpoint and the admin API work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from policy_lang.service.images.model import ImageStore
from policy_lang.service.settings import Settings

if TYPE_CHECKING:
    from policy_lang.service.metrics import Metrics
    from policy_lang.service.rates import Rates
    from policy_lang.service.recorder import Recorder
    from policy_lang.service.registry import Registry
    from policy_lang.service.store.database import Database
    from policy_lang.service.threads import Threads

Clock: TypeAlias = Callable[[], datetime]
"""What says the time, with a zone."""


def read_clock() -> datetime:
    """The time by the clock of this machine, in UTC; the one place of the service that reads it."""
    return datetime.now(UTC)  # noqa: TID251  the edge: everything below takes the time as an argument


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one application; `request.app.state.service` in a controller.

    Attributes:
        settings: what the operator asked for.
        database: products, tokens, updates, grants, reports, audit; its functions block, so call them in a thread.
        registry: the snapshot that check-ins are answered from; await `refresh()` after a change.
        recorder: writes audits and deferred devices in batches, away from the request path.
        metrics: what Prometheus reads.
        images: the stores of images by name.
        threads: where the admin API waits for the database and for stores, apart from the devices.
        failures: how often a wrong token may be sent, to the admin API too.
        clock: what says the time.
    """

    settings: Settings
    database: "Database"
    registry: "Registry"
    recorder: "Recorder"
    metrics: "Metrics"
    images: Mapping[str, ImageStore]
    threads: "Threads"
    failures: "Rates"
    clock: Clock
