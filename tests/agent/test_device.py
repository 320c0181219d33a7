from pathlib import Path
from typing import Any

import pytest

from policy_lang.agent.device import read_device
from policy_lang.agent.failures import TransientError
from policy_lang.agent.settings import read_settings

LEAST: dict[str, Any] = {"host": "https://h", "token": "secret"}


def read(tmp_path: Path, text: str, **more: Any) -> Any:
    """The device whose file has a text."""
    path = tmp_path / "device.json5"
    path.write_text(text)
    return read_device(read_settings(None, {**LEAST, "device_file": str(path), **more}))


def test_the_file_of_an_agent(tmp_path: Path) -> None:
    device = read(tmp_path, "{id: '7', product: 'atlas', version: '1.0.0', name: 'Unit', network: {ip: '10.0.0.1'}, test: false}")
    assert (device.id, str(device.version), device.token) == ("7", "1.0.0", "secret")
    assert device.facts == {
        "id": "7", "product": "atlas", "version": "1.0.0", "name": "Unit", "network": {"ip": "10.0.0.1"}, "test": False,
    }  # fmt: skip
    assert "secret" not in repr(device)


def test_settings_win_and_properties_over_all(tmp_path: Path) -> None:
    told = {"id": "8", "product": "y", "version": "2.0.0", "properties": {"region": "us"}}
    device = read(tmp_path, "{id: '7', product: 'x', version: '1.0.0', region: 'eu'}", **told)
    assert device.facts == {"id": "8", "product": "y", "version": "2.0.0", "region": "us"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("VERSION", " 1.2.3\n"), ("config.json5", "{version: '1.2.3', app: 'demo'}"), ("release.toml", 'version = "1.2.3"\n')],
)
def test_a_file_with_the_version(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    device = read(tmp_path, "{id: '7', version: '1.0.0'}", version_file=str(tmp_path / name))
    assert str(device.version) == device.facts["version"] == "1.2.3"


def test_files_are_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("1.0.0")
    (tmp_path / "token").write_text("first\n")
    told = read_settings(
        None, {"host": "h", "id": "7", "token_file": str(tmp_path / "token"), "version_file": str(tmp_path / "VERSION")}
    )
    assert (str(read_device(told).version), read_device(told).token) == ("1.0.0", "first")
    (tmp_path / "VERSION").write_text("2.0.0")
    (tmp_path / "token").write_text("second\n")
    assert (str(read_device(told).version), read_device(told).token) == ("2.0.0", "second")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{version: '1.0.0'}", "the device has no id"),
        ("{id: 7, version: '1.0.0'}", "the device has no id"),
        ("{id: '', version: '1.0.0'}", "the device has no id"),
        ("{id: '7'}", "the device has no version"),
        ("{id: '7', version: 1.0}", "the device has no version"),
        ("{id: '7', version: '1.0'}", "`1.0` is not a semantic version"),
        ("[]", "a device is an object, not a list: `device.json5`"),
        ("{id: '7',, }", "`device.json5`"),
    ],
)
def test_a_device_that_cannot_check_in(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(TransientError) as caught:
        read(tmp_path, text)
    assert reason in str(caught.value)


def test_a_version_that_is_being_replaced_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="the file does not exist: `VERSION`"):
        read(tmp_path, "{id: '7'}", version_file=str(tmp_path / "VERSION"))


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "a\x7fb", "tökén"])
def test_a_token_that_no_header_can_hold(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    with pytest.raises(TransientError, match="there is no usable token"):
        read(tmp_path, "{id: '7', version: '1.0.0'}", token_file=str(tmp_path / "token"))
