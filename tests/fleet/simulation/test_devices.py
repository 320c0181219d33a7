import json
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SCHEMA, devices, policies

from policy_lang.catalog.catalog import Catalog
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.importing.devices import import_devices
from policy_lang.fleet.importing.records import Record
from policy_lang.fleet.simulation.devices import load_devices, properties_of
from policy_lang.pipeline import compile_policy

_IMAGE = {"url": "https://example.com/x.bin", "checksum": "ab" * 32}


def _refuse(name: str, record: Record, reason: str) -> None:
    raise AssertionError((name, record, reason))


def _catalog(*policies: str) -> Catalog:
    updates = [
        {"id": f"u{at}", "product": "p", "version": f"{at}.0.0", "policy": policy, **_IMAGE} for at, policy in enumerate(policies)
    ]
    return Catalog.load({"updates": updates})


def test_what_policies_read_is_kept() -> None:
    catalog = _catalog("device.site.floor > 2 && has(device.tags[0])", "device['a b'] && update.channel == 'x'")
    assert properties_of(catalog) == frozenset({"id", "product", "productToken", "version", "site", "tags", "a b"})
    assert properties_of(_catalog("'region' in device")) is None


def _is_json(device: Any) -> bool:
    try:
        return bool(json.loads(json.dumps(device, allow_nan=False).encode()) == device)
    except (ValueError, UnicodeEncodeError):
        return False


@settings(deadline=None, max_examples=60)
@given(st.lists(devices().filter(_is_json), min_size=1, max_size=8), policies())
def test_a_policy_gives_the_same_for_an_imported_device(sent: list[dict[str, Any]], text: str) -> None:
    policy = compile_policy(text, schema=SCHEMA)
    with TemporaryDirectory() as folder:
        out = Path(folder, "fleet.parquet")
        lines = Path(folder, "fleet.ndjson")
        lines.write_text("".join(f"{json.dumps(device)}\n" for device in sent))
        import_devices(lines, out, schema=SCHEMA)
        stored = list(load_devices(out, None, _refuse))
        read = list(load_devices(lines, None, _refuse))
    assert read == sent
    assert [policy.evaluate(device) for device in stored] == [policy.evaluate(device) for device in sent]


def test_some_properties_only(tmp_path: Path) -> None:
    sent = [{"id": "a", "region": "eu", "site": {"floor": 2, "name": "x"}}, {"id": "b"}]
    import_devices(BytesIO(json.dumps(sent[0]).encode() + b"\n" + json.dumps(sent[1]).encode()), tmp_path / "f.parquet")
    (tmp_path / "f.json").write_text(json.dumps(sent))
    wanted = [{"id": "a", "site": {"floor": 2, "name": "x"}}, {"id": "b"}]
    for name in ("f.parquet", "f.json"):
        assert list(load_devices(tmp_path / name, {"id", "site"}, _refuse)) == wanted


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "other.parquet")
    (tmp_path / "broken.parquet").write_text("no Parquet")
    for name, message in (("other", "was not made by"), ("broken", "no Parquet file"), ("missing", "does not exist")):
        with pytest.raises(DeviceFileError, match=message):
            list(load_devices(tmp_path / f"{name}.parquet", None, _refuse))
