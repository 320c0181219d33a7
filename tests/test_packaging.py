"""The distribution: what is in it, and that it works where there is no checkout."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_PARTS = ("policy_lang", "grammar", "docs", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from it; without a network, by the build backend of the development environment."""
    checkout = tmp_path_factory.mktemp("checkout")
    for part in _PARTS:
        source, target = ROOT / part, checkout / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(checkout))
    return out


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """The wheel."""
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; it sees the dependencies of this one, but no editable install, which is a `.pth` file."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True, with_pip=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    _run(str(_python(folder)), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    return folder


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


def _run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    quiet = {**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}
    run = subprocess.run(command, cwd=cwd, env=quiet, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
    return run


def test_the_wheel_holds_the_package_alone_with_the_grammar_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"policy_lang/grammar/policy.lark", "policy_lang/py.typed"} <= set(names)
    pages = {file.relative_to(ROOT / "docs") for folder in ("rules", "errors") for file in (ROOT / "docs" / folder).glob("*.md")}
    assert {f"policy_lang/pages/{page}" for page in pages} == {name for name in names if name.startswith("policy_lang/pages/")}
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"policy_lang"}
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "policy_lang").rglob("*.py")}
    assert modules == {name for name in names if name.endswith(".py")}


def test_the_sdist_holds_what_the_wheel_is_built_from(dist: Path) -> None:
    (found,) = dist.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"grammar/policy.lark", "policy_lang/py.typed", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"} <= inside
    assert not [name for name in inside if name.startswith(("tests", "build", ".venv"))]


def test_the_installed_package_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    found = _run(str(_python(installed)), "-c", "import policy_lang; print(policy_lang.__file__)", cwd=tmp_path).stdout
    assert found.startswith(str(installed))


def test_the_public_api_works_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    _run(str(_python(installed)), str(ROOT / "tests" / "typing" / "public_api.py"), cwd=tmp_path)


def test_the_command_selects_from_the_examples_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    command = (str(installed / "bin" / "policy"), "select", "examples/catalog.yaml", "--devices", "examples/fleet.ndjson")
    run = _run(*command, "--now", "2026-05-12T09:00:00Z", "--format", "json", cwd=tmp_path)
    decisions = [json.loads(line) for line in run.stdout.splitlines()]
    assert decisions
    assert any(decision["update"] for decision in decisions)


def test_the_pages_of_rules_and_errors_are_found_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    for word, head in (("null_comparison", "# PL322 null_comparison"), ("PL203", "# PL203 a property is not declared")):
        assert _run(str(installed / "bin" / "policy"), "rule", word, cwd=tmp_path).stdout.splitlines()[0] == head
