"""The demo of the whole service, as `make demo-service` runs it."""

import os
import subprocess
import sys
from hashlib import sha3_256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "examples" / "service_demo.py"
STORY = [
    "The image store speaks S3 at https://localhost:",
    "Version 2.4.0 is published for 20 % of the devices with device.memory >= 128.",
    "The service answers at https://localhost:",
    "It is in the canary: it installs 2.4.0 and reports.",
    "INFO: the image of atlas-2.4.0 2.4.0 is verified",
    "It is outside the canary: it gets the release before it.",
    "INFO: the image of atlas-2.3.0 2.3.0 is verified",
    "It runs 2.3.0 and does not say how much memory it has: it gets nothing.",
    "The server has their reports, each once.",
    "atlas-2.4.0: the rollout has reached 20 % of the devices, this one comes after ",
    "atlas-2.4.0: the policy is unknown: device.memory: missing",
    "nothing is offered",
    "All as told.",
]


def test_it_goes_as_it_is_told(tmp_path: Path) -> None:
    """It runs in any folder, leaves nothing behind, and ends with 0."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, str(DEMO)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    rest = result.stdout
    for sentence in STORY:
        _, found, rest = rest.partition(sentence)
        assert found, f"{sentence}\n\n{result.stdout}"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def demo() -> ModuleType:
    spec = spec_from_file_location("service_demo", DEMO)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["service_demo"] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def test_it_fails_where_it_does_not(demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Something real that is not as told, early, so that it is quick: a published image with another checksum."""
    monkeypatch.setattr(demo, "sha256", sha3_256)
    assert demo.main() == 1
    assert "This is not as told: the checksum of atlas-2.3.0 is that of its image" in capsys.readouterr().out
