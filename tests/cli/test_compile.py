import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
CHECKSUM = "ab" * 32
CATALOG = f"""updates:
  - {{id: r2, product: router, version: 2.0.0, policy: device.pro, url: 'https://e.com/2', checksum: '{CHECKSUM}'}}
  - {{id: r1, product: router, version: 1.0.0, policy: device.pro, url: 'https://e.com/1', checksum: '{CHECKSUM}'}}
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy compile` in a folder with a catalog: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(CATALOG)
    Path("schema.json").write_text('{"type": "object", "properties": {"pro": {"type": "boolean"}}}')

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["compile", *arguments])
        return code, *capsys.readouterr()

    return call


def test_beside_the_catalog(run: Run) -> None:
    assert run("catalog.yaml") == (0, "", "catalog.policyc: written, 2 updates, 1 policy\n")
    assert [update.id for update in Catalog.load("catalog.policyc")] == ["r2", "r1"]


def test_in_another_place(run: Run) -> None:
    code, out, err = run("catalog.yaml", "-o", "x.policyc", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"file": "x.policyc", "state": "written", "updates": 2, "policies": 1}
    assert Path("x.policyc").exists()


def test_a_schema_takes_the_place_of_the_catalog_s_own(run: Run) -> None:
    assert run("catalog.yaml", "--schema", "schema.json")[0] == 0
    assert Catalog.load("catalog.policyc").schema.device.members["pro"].type.display == "bool"


def test_lenient_versions(run: Run) -> None:
    assert run("catalog.yaml", "--lenient-versions")[0] == 0
    assert main(["select", "catalog.policyc", "catalog.yaml"]) == 2


def test_checking(run: Run) -> None:
    run("catalog.yaml")
    assert run("catalog.yaml", "--check") == (0, "", "catalog.policyc: fresh, 2 updates, 1 policy\n")
    before = Path("catalog.policyc").read_bytes()
    Path("catalog.yaml").write_text(CATALOG.replace("2.0.0", "2.0.1"))
    assert run("catalog.yaml", "--check") == (1, "", "catalog.policyc: stale, 2 updates, 1 policy; compile the catalog again\n")
    assert Path("catalog.policyc").read_bytes() == before


def test_checking_what_is_not_there(run: Run) -> None:
    code, _, err = run("catalog.yaml", "--check")
    assert code == 2
    assert "catalog.policyc: error[PL501]: the file does not exist" in err


def test_findings_write_nothing(run: Run) -> None:
    Path("catalog.yaml").write_text(CATALOG.replace("device.pro", "device.pro +"))
    code, _, err = run("catalog.yaml")
    assert code == 2
    assert "PL101" in err
    assert not Path("catalog.policyc").exists()


def test_what_is_compiled_is_not_compiled_again(run: Run) -> None:
    run("catalog.yaml")
    code, _, err = run("catalog.policyc")
    assert code == 2
    assert err.startswith("error: `catalog.policyc` is compiled already")


def test_the_suffix_is_fixed(run: Run) -> None:
    code, _, err = run("catalog.yaml", "-o", "catalog.bin")
    assert code == 2
    assert err == "error: a compiled catalog is named `.policyc`, not `catalog.bin`\n  = help: write `-o catalog.policyc`\n"


def test_a_place_that_cannot_be_written(run: Run) -> None:
    code, _, err = run("catalog.yaml", "-o", "nowhere/catalog.policyc")
    assert code == 2
    assert "`nowhere/catalog.policyc` cannot be written" in err
