from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_api import Office, offices

from policy_lang.service.images.model import image_key

SCHEMA = {"properties": {"region": {"type": "string", "enum": ["eu", "us"]}}}


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Office]:
    with offices(tmp_path) as (atlas, _):
        yield atlas


def test_the_product_says_where_its_images_go(atlas: Office) -> None:
    product = atlas.get("/product")
    assert (product["id"], product["stores"], product["is_file"]) == ("atlas", [], False)
    assert product["image_prefix"] + "ab" * 32 == image_key("atlas", "ab" * 32)


def test_a_schema_is_declared_and_taken_back(atlas: Office) -> None:
    assert atlas.get("/product/schema") == {"schema": None}
    tag = atlas.ask("GET", "/product/schema").headers["etag"]
    declared = atlas.ask("PUT", "/product/schema", {"schema": SCHEMA}, If_Match=tag)
    assert (declared.status_code, declared.json()) == (200, {"schema": SCHEMA})
    assert atlas.get("/product/schema") == {"schema": SCHEMA}
    assert atlas.ask("PUT", "/product/schema", {"schema": None}, If_Match=tag).status_code == 412
    assert atlas.ask("PUT", "/product/schema", {"schema": None}).status_code == 428
    assert atlas.ask("PUT", "/product/schema", {"schema": None}, If_Match=declared.headers["etag"]).status_code == 200
    assert atlas.check_in(id="atlas-one", version="1.0.0")["update"] == "atlas-2.0.0"


def test_a_schema_that_a_policy_contradicts_is_refused(atlas: Office) -> None:
    atlas.ask("POST", "/updates/atlas-2.0.0/policy", {"policy": "device.memory > 5"}, If_Match="*")
    answer = atlas.ask("PUT", "/product/schema", {"schema": SCHEMA}, If_Match="*")
    assert answer.status_code == 422
    assert "`device.memory`" in answer.json()["diagnostics"][0]["message"]
    assert atlas.get("/product/schema") == {"schema": None}


@pytest.mark.parametrize("schema", [{"type": "nothing"}, {"properties": {"region": {"type": "text"}}}, {"properties": []}])
def test_a_schema_that_is_none_is_refused(schema: dict[str, Any], atlas: Office) -> None:
    answer = atlas.ask("PUT", "/product/schema", {"schema": schema}, If_Match="*")
    assert answer.status_code == 422
    assert answer.json()["diagnostics"][0]["code"].startswith("PL4")


@pytest.mark.parametrize("body", [{}, {"schema": "none"}, {"schema": []}, {"schema": None, "more": 1}, None])
def test_a_body_that_is_no_schema_is_refused(body: Any, atlas: Office) -> None:
    assert atlas.ask("PUT", "/product/schema", body, If_Match="*").status_code == 400
