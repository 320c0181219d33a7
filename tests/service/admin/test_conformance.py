"""Whatever is sent, the API answers as its OpenAPI document says, and never with a fault of ours."""

import os
from collections import Counter
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import requests
import schemathesis
from admin_api import Office, offices
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from uvicorn import Config, Server

EXAMPLES = int(os.environ.get("POLICY_API_EXAMPLES", "12"))
"""How many requests of each operation and kind; an evening has time for thousands."""

UPDATES = [f"atlas-9.{number}.0" for number in range(12)]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    """The service on a port of this machine."""
    with offices(tmp_path_factory.mktemp("conformance")) as (atlas, _):
        for update in UPDATES:
            new = {
                "id": update,
                "version": update.removeprefix("atlas-"),
                "policy": "true",
                "url": "https://x.y/z",
                "checksum": "ab" * 32,
            }
            assert atlas.ask("POST", "/updates", new).status_code == 201
        server = Server(Config(atlas.client.app, port=0, lifespan="off", log_config=None))
        thread = Thread(target=server.run)
        thread.start()
        while not server.started:
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", atlas
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("mode", GenerationMode)
def test_answers_are_what_the_document_says(mode: GenerationMode, served: tuple[str, Office]) -> None:
    url, atlas = served
    document = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    operations = [each.ok() for each in document.get_all_operations() if isinstance(each, Ok)]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {atlas.admin.secret}"
        statuses = Counter[int]()
        for operation in operations:
            _try(operation, mode, session, statuses)
    assert len(operations) >= 18
    assert {200, 400, 404} <= set(statuses), statuses


def _try(operation: Any, mode: GenerationMode, session: requests.Session, statuses: "Counter[int]") -> None:
    """Send some requests of one operation, and check each answer; half of them are about something that is there."""

    @given(case=operation.as_strategy(generation_mode=mode), own=st.sampled_from(["", *UPDATES]))
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    def check(case: Any, own: str) -> None:
        if own and "update_id" in case.path_parameters:
            case.path_parameters["update_id"] = own
            case.headers["If-Match"] = "*"
        answer = case.call(session=session)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    check()
