"""The example script, as the agent calls it."""

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "scripts" / "update"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A device that runs 1.0.0."""
    root = tmp_path / "product"
    old = root / "releases" / "1.0.0"
    old.mkdir(parents=True)
    (old / "VERSION").write_text("1.0.0\n")
    (root / "current").symlink_to("releases/1.0.0")
    return root


def image(tmp_path: Path, *, has_start: bool = True) -> Path:
    """An image with a program in it."""
    folder = tmp_path / "content"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / ("start" if has_start else "stop")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = tmp_path / "update.bin"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, ".")
    return path


def run(root: Path, path: Path) -> subprocess.CompletedProcess[str]:
    update = {"UPDATE_ID": "release-2", "UPDATE_VERSION": "2.0.0", "DEVICE_ID": "device-1", "DEVICE_VERSION": "1.0.0"}
    environment = {**os.environ, **update, "ROOT": str(root)}
    return subprocess.run([str(SCRIPT), str(path)], env=environment, capture_output=True, text=True, check=False, timeout=30)


def test_it_switches_the_release_and_the_version_with_it(root: Path, tmp_path: Path) -> None:
    result = run(root, image(tmp_path))
    assert (result.returncode, result.stdout) == (0, "device-1 runs 2.0.0 after 1.0.0\n")
    assert (root / "current" / "VERSION").read_text() == "2.0.0\n"
    assert (root / "current" / "bin" / "start").exists()


def test_it_may_run_again(root: Path, tmp_path: Path) -> None:
    path = image(tmp_path)
    (root / "releases" / "2.0.0").mkdir()
    (root / "releases" / "2.0.0" / "half").touch()
    assert [run(root, path).returncode, run(root, path).returncode] == [0, 0]
    assert not (root / "releases" / "2.0.0" / "half").exists()


def test_an_image_that_lacks_something_changes_nothing(root: Path, tmp_path: Path) -> None:
    assert run(root, image(tmp_path, has_start=False)).returncode == 1
    assert (root / "current" / "VERSION").read_text() == "1.0.0\n"
