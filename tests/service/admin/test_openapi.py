from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest
from admin_api import offices

from policy_lang.service.admin.documentation import described
from policy_lang.service.admin.examples import ANSWERS


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with offices(tmp_path_factory.mktemp("openapi")) as (atlas, _):
        answer = atlas.client.get("/api/openapi.json")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    """Check a value against a schema of the document; references lead into the document."""
    jsonschema.validate(value, {**schema, "components": document["components"]}, jsonschema.Draft202012Validator)


def test_the_document_is_of_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "policy_lang check-in service"
    assert document["components"]["securitySchemes"]["adminToken"]["scheme"] == "bearer"


def test_every_operation_is_named_described_and_protected(document: dict[str, Any]) -> None:
    operations = list(_operations(document))
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names) >= 18
    for path, _, operation in operations:
        assert path.startswith("/api/v1/")
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == [{"adminToken": []}]


def test_every_answer_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    shown = set()
    for _, _, operation in _operations(document):
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items():
                assert kind == ("application/json" if status.startswith("2") else "application/problem+json")
                assert content["examples"], (operation["operationId"], status)
                for example in content["examples"].values():
                    _check(document, content["schema"], example["value"])
                shown.add(operation["operationId"])
    assert shown >= set(ANSWERS)


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    bodies = [operation["requestBody"] for _, _, operation in _operations(document) if "requestBody" in operation]
    assert len(bodies) == 6
    for body in bodies:
        schema = body["content"]["application/json"]["schema"]
        assert schema["examples"]
        for example in schema["examples"]:
            _check(document, schema, example)


def test_errors_are_problem_documents_that_say_everything(document: dict[str, Any]) -> None:
    problem = document["components"]["schemas"]["ProblemDocument"]
    assert set(problem["required"]) == {"title", "status", "detail"}
    assert {"help", "diagnostics", "errors", "revision"} <= set(problem["properties"])
    for _, _, operation in _operations(document):
        assert {"400", "401", "413", "429", "503"} <= set(operation["responses"])


def test_every_type_and_field_is_described(document: dict[str, Any]) -> None:
    known = {"UpdatePage", "Preview", "Token", "Entry", "Finding", "Summary", "Product"}
    schemas = document["components"]["schemas"]
    assert all(schema["description"] for schema in schemas.values())
    for name in known:
        assert all(field["description"] for field in schemas[name]["properties"].values()), name


def test_bounds_and_formats_are_in_the_document(document: dict[str, Any]) -> None:
    rollout = document["components"]["schemas"]["NewRollout"]["properties"]
    assert (rollout["percent"]["minimum"], rollout["percent"]["maximum"]) == (0, 100)
    assert rollout["start"]["format"] == "date-time"


def test_describing_leaves_the_document_of_the_framework_as_it_is(document: dict[str, Any]) -> None:
    plain = msgspec.json.decode(msgspec.json.encode(document))
    described(plain)
    assert plain == document
