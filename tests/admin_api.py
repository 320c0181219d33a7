"""The whole service over a database with two products, as engineers and devices of each see it."""

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from stores import NOW, document, migrated_url, opened, stock

from policy_lang.service.app import create_app
from policy_lang.service.logs import open_log
from policy_lang.service.settings import Settings
from policy_lang.service.store.deferred import Deferral, record_deferred
from policy_lang.service.store.reports import record_report
from policy_lang.service.store.tokens import NewToken, Scope, create_token
from policy_lang.service.store.updates import pause_update, put_update, remove_update

PRODUCTS = ("atlas", "beacon")
Tokens: TypeAlias = dict[str, list[NewToken]]

_numbers = count()
CHECKIN, REPORT = "/tok/provision/update", "/tok/provision/updateReport"


@dataclass(frozen=True, slots=True)
class Office:
    """What one product's people and devices can do.

    Attributes:
        client: the service.
        product: the product.
        admin: the token of its engineers.
        device: the token of its devices.
        log: the lines that the service wrote.
    """

    client: TestClient[Litestar]
    product: str
    admin: NewToken
    device: NewToken
    log: BytesIO

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Ask the admin API; underscores in the names of headers are hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Authorization": f"Bearer {self.admin.secret}", **given}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=given)

    def get(self, path: str) -> Any:
        """What the admin API answers, where all is well."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def check_in(self, **device: Any) -> Any:
        """What a device is answered."""
        answer = self.client.post(CHECKIN, json=device, headers={"Authorization": self.device.secret})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def report(self, update: str, device: str, *, success: bool) -> None:
        """A device says how an update ended."""
        body = {"id": device, "update": update, "success": success}
        answer = self.client.post(REPORT, json=body, headers={"Authorization": self.device.secret})
        assert answer.status_code == 200, answer.text

    @property
    def update(self) -> str:
        """The id of the update that every device of the product is offered."""
        return f"{self.product}-2.0.0"


@contextmanager
def offices(folder: Path, engine: str = "sqlite", now: datetime = NOW, **settings: Any) -> Iterator[tuple[Office, Office]]:
    """The service, for each of two products.

    Each product has an update that is offered to everybody below its version, with a limit of two devices, one that is paused, one
    that waits for its image and one that was removed; grants, reports and devices that are held back come with the check-ins.
    """
    url, tokens = _seeded(engine, folder)
    log = BytesIO()
    app = create_app(Settings(database=url, **{"audit": "all", **settings}), clock=lambda: now, log=open_log(log))
    with TestClient(app) as client:
        first, second = (
            Office(client, product, admin=tokens[product][1], device=tokens[product][0], log=log) for product in PRODUCTS
        )
        for office in (first, second):
            office.check_in(id=f"{office.product}-one", version="1.5.0", region="eu")
            office.report(office.update, f"{office.product}-one", success=True)
        yield first, second


def _seeded(engine: str, folder: Path) -> tuple[str, Tokens]:
    """A database with what is there before anybody checks in; that of SQLite is a copy of one that was made once."""
    if engine != "sqlite":
        url = migrated_url(engine, folder)
        return url, _seed(url)
    template, tokens = _template()
    file = folder / f"seeded-{next(_numbers)}.db"
    shutil.copy(template, file)
    return f"sqlite:///{file}", tokens


@cache
def _template() -> tuple[Path, Tokens]:
    folder = TemporaryDirectory(prefix="policy-lang-admin-")
    atexit.register(folder.cleanup)
    url = migrated_url("sqlite", Path(folder.name))
    return Path(url.removeprefix("sqlite:///")), _seed(url)


def _seed(url: str) -> Tokens:
    """Two products with updates in each state; the tokens of each, that of devices first."""
    tokens: Tokens = {}
    with opened(url) as database:
        for product in PRODUCTS:
            stock(database, *_documents(product), product=product)
            with database.changing() as connection:
                pause_update(connection, product, f"{product}-3.0.0", actor="tests", now=NOW)
                put_update(connection, product, document(f"{product}-4.0.0", "4.0.0"), actor="tests", now=NOW, is_verified=False)
                remove_update(connection, product, f"{product}-1.0.0", actor="tests", now=NOW)
                record_deferred(connection, [Deferral(f"{product}-2.0.0", f"{product}-waits", "max devices", NOW)])
                record_report(connection, product, f"{product}-2.0.0", f"{product}-fails", is_success=False, now=NOW)
                tokens[product] = [create_token(connection, product, scope, actor="tests", now=NOW) for scope in Scope]
    return tokens


def _documents(product: str) -> list[dict[str, Any]]:
    rollout = {"max_devices": 2, "pause_on_failures": 3}
    return [
        document(f"{product}-1.0.0", "1.0.0"),
        document(f"{product}-2.0.0", "2.0.0", rollout=rollout),
        document(f"{product}-3.0.0", "3.0.0", channel="beta"),
    ]
