from io import BytesIO
from pathlib import Path

import pytest

from policy_lang.catalog.devices import load_device, read_devices
from policy_lang.errors import DeviceFileError

DEVICE = {"id": "7", "version": "1.10.0", "pro": True}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("device.json", '{"id": "7", "version": "1.10.0", "pro": true}'),
        ("device.json5", "{id: '7', version: '1.10.0', pro: true, /* as the agent keeps it */}"),
        ("device.yaml", "id: '7'\nversion: 1.10.0\npro: true\n"),
        ("device.toml", 'id = "7"\nversion = "1.10.0"\npro = true\n'),
    ],
)
def test_a_device_is_read_by_the_suffix(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert load_device(path) == DEVICE
    assert load_device(str(path)) == DEVICE


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("device.json", " [1]", "a device is an object, not a list"),
        ("device.json5", " 'x'", "a device is an object, not the text `x`"),
        ("device.yaml", " 1.1", "a device is an object, not the number `1.1`"),
    ],
)
def test_a_device_is_an_object(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DeviceFileError) as caught:
        load_device(path)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.location) == ("PL511", message, (1, 2))


def test_an_empty_device_file_is_no_device(tmp_path: Path) -> None:
    path = tmp_path / "device.yaml"
    path.write_text("")
    with pytest.raises(DeviceFileError, match="not null"):
        load_device(path)


@pytest.mark.parametrize(("name", "code"), [("missing.json", "PL501"), ("device.xml", "PL501")])
def test_a_device_file_that_cannot_be_read_is_an_error(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(DeviceFileError) as caught:
        load_device(tmp_path / name)
    assert [each.code for each in caught.value.diagnostics] == [code]


def test_a_fleet_is_read_line_by_line() -> None:
    lines = list(read_devices(BytesIO(b'{"id": "1"}\n\n{"id": }\n[]\n{"id": "2"}'), "fleet.ndjson"))
    assert [(line.number, line.value) for line in lines] == [(1, {"id": "1"}), (3, None), (4, None), (5, {"id": "2"})]
    assert [None if line.error is None else line.error.code for line in lines] == [None, "PL502", "PL511", None]


def test_a_fleet_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceFileError, match="does not exist"):
        list(read_devices(tmp_path / "fleet.ndjson"))
