from pathlib import Path

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.testing.cases import load_suite
from policy_lang.testing.meter import Meter, catalog_meters, policy_meter
from policy_lang.testing.model import Suite

UPDATE = {"id": "r7", "product": "router", "version": "2.0.0", "url": "https://example.com/7.bin", "checksum": "00" * 32}


def places(meter: Meter) -> dict[str, tuple[int, int]]:
    """Where each term is written."""
    (decision,) = meter.measured.decisions
    return {term.text: tuple(meter.measured.places[term.span]) for term in decision.descendants()}  # type: ignore[misc]


def loaded(folder: Path, text: str) -> tuple[Suite, Policy]:
    """The suite of a text, and its policy."""
    (folder / "a.test.yaml").write_text(text)
    suite = load_suite(folder / "a.test.yaml")
    assert isinstance(suite.subject, Policy)
    return suite, suite.subject


def test_an_expression_is_found_through_its_quotes(tmp_path: Path) -> None:
    text = "cases: [{name: a, expect: unknown}]\nexpression: 'device.a == ''x''\n  && device.b'\n"
    assert places(policy_meter(*loaded(tmp_path, text))) == {
        "device.a == 'x' && device.b": (2, 14),
        "device.a == 'x'": (2, 14),
        "device.b": (3, 6),
    }


def test_an_expression_that_is_a_bool(tmp_path: Path) -> None:
    text = "cases: [{name: a, expect: match}]\nexpression: true\n"
    assert places(policy_meter(*loaded(tmp_path, text))) == {"true": (2, 13)}


def test_a_policy_of_its_own_is_found_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text("// one\ndevice.a\n")
    text = "policy: a.policy\ncases: [{name: a, expect: unknown}]"
    assert places(policy_meter(*loaded(tmp_path, text))) == {"device.a": (2, 1)}


def test_a_catalog_without_a_file() -> None:
    """A program can make one; its places count in the policy."""
    catalog = Catalog.load({"updates": [{**UPDATE, "policy": "true && device.a"}]})
    suite = Suite(parse_document("{}", "a.test.json", Kind.JSON), "<catalog>", catalog, ())
    assert places(catalog_meters(suite, catalog)["r7"]) == {"device.a": (1, 9)}
