import subprocess
import sys
from pathlib import Path

import pytest

from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document, read_document
from policy_lang.errors import CatalogError

DATA = Path(__file__).parents[1] / "data" / "documents"
POLICY = "device.version < update.version\n  && device.region == 'us-west'\n"
UPDATE = {
    "id": "router-2.0.0",
    "product": "router",
    "version": "2.0.0",
    "policy": POLICY,
    "paused": False,
    "rollout": {"percent": 5},
}
CATALOGS = ["catalog.yaml", "catalog.toml", "catalog.json", "catalog.json5"]


@pytest.mark.parametrize("name", CATALOGS)
def test_one_catalog_in_each_format(name: str) -> None:
    assert read_document(DATA / name).value == {"updates": [UPDATE]}


@pytest.mark.parametrize("name", CATALOGS)
def test_the_policy_is_found_in_each_format(name: str) -> None:
    document = read_document(DATA / name)
    offsets = document.text_offsets(("updates", 0, "policy"))
    assert offsets is not None
    at = offsets[POLICY.index("region")]
    assert document.source.text[at : at + 6] == "region"


@pytest.mark.parametrize("name", CATALOGS)
def test_the_source_is_named_after_the_file(name: str) -> None:
    assert read_document(str(DATA / name)).source.name == str(DATA / name)


def test_the_suffix_has_no_case(tmp_path: Path) -> None:
    (tmp_path / "A.YML").write_text("a: no")
    assert read_document(tmp_path / "A.YML").value == {"a": "no"}


def test_the_kind_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("{a: 1}")
    assert read_document(tmp_path / "a.txt", kind=Kind.JSON5).value == {"a": 1}


@pytest.mark.parametrize(("name", "message"), [("a.txt", "the suffix `.txt` is not known"), ("catalog", "the file has no suffix")])
def test_an_unknown_suffix(name: str, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read_document(name, error=CatalogError)
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.message, finding.help) == (
        "PL501",
        message,
        "name the file `.yaml`, `.yml`, `.toml`, `.json` or `.json5`",
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_a_long_text(kind: Kind) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_document("     ", "a", kind, error=CatalogError, max_size=4)
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.message) == ("PL512", "the document is longer than 4 characters")


@pytest.mark.parametrize("kind", list(Kind))
def test_half_of_a_character(kind: Kind) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_document('x = "\ud800"', "a", kind, error=CatalogError)
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.message, finding.location) == ("PL112", "half of a character stands here alone", (1, 6))


@pytest.mark.parametrize("kind", [Kind.YAML, Kind.JSON, Kind.JSON5])
def test_a_byte_order_mark_is_no_part_of_the_source(kind: Kind) -> None:
    document = parse_document('\ufeff{"a": 1}', "a", kind)
    assert document.source.excerpt(document.span(("a",))) == "1"


def test_only_yaml_loads_pyyaml() -> None:
    code = "import sys; from policy_lang.documents.read import read_document as r; r(sys.argv[1]); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(DATA / "catalog.json")], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
