import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import DEFAULTS_SCHEMA, SCHEMA, devices, policies, text_of, wild_devices

from policy_lang.errors import DeviceFileError
from policy_lang.fleet import open_fleet
from policy_lang.fleet.columns import METADATA, Columns, columns_of_schema
from policy_lang.fleet.importing import profile, reading, target
from policy_lang.fleet.importing.devices import Progress, import_devices
from policy_lang.fleet.importing.importer import IMPORT_METADATA, SCHEMA_METADATA
from policy_lang.fleet.rows import row_of
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema

Import = Callable[..., Any]


def _is_json(device: Any) -> bool:
    """Whether a device can be a line of a file: JSON and nothing else, without lone halves of characters."""
    try:
        return isinstance(device, dict) and json.loads(json.dumps(device, allow_nan=False).encode("utf-8")) == device
    except (TypeError, ValueError, RecursionError, RuntimeError):
        return False


def _lines(documents: Sequence[Any]) -> bytes:
    return "".join(f"{json.dumps(document)}\n" for document in documents).encode()


def _columns_in(path: Path) -> Columns:
    return Columns.read((pq.read_schema(path).metadata or {})[METADATA.encode()].decode())


def _check(sent: Sequence[dict[str, Any]], path: Path, schema: Schema, options: Options = DEFAULT_OPTIONS) -> None:
    """The rows of a file are what the reference makes of each device, and the columns that were left out say nothing more."""
    columns = _columns_in(path)
    rows = pq.read_table(path).to_pylist()
    assert [repr(row) for row in rows] == [
        repr({name: row_of(device, columns, options)[name] for name in pq.read_schema(path).names}) for device in sent
    ]
    full = columns_of_schema(schema, lenient_versions=options.lenient_versions)
    dropped = {each.path: each for each in full.rows if columns.find(each.path) is None or columns.find(each.path) != each}
    for device in sent:
        row = row_of(device, full, options)
        for column in dropped.values():
            if column.present is not None:
                assert row[column.present] == (row[column.name] is not None)


_DEVICES = st.lists(devices().filter(_is_json) | wild_devices().filter(_is_json), min_size=1, max_size=12)


@settings(deadline=None)
@given(_DEVICES, st.sampled_from([SCHEMA, DEFAULTS_SCHEMA, None]), st.booleans(), st.booleans())
def test_each_column_is_what_decoding_gives(
    sent: list[dict[str, Any]],
    schema: Schema | None,
    is_lenient: bool,  # noqa: FBT001  arguments of a law
    as_list: bool,  # noqa: FBT001  arguments of a law
) -> None:
    """The imported columns equal what `types/decode` gives, property by property, declared or inferred."""
    options = Options(lenient_versions=is_lenient)
    with TemporaryDirectory() as folder:
        source, out = Path(folder, "fleet.json" if as_list else "fleet.ndjson"), Path(folder, "fleet.parquet")
        source.write_bytes(json.dumps(sent, indent=1).encode() if as_list else _lines(sent))
        report = import_devices(source, out, schema=schema, options=options)
        assert (report.devices, report.rejected) == (len(sent), 0)
        stored = schema or Schema.load(json.loads(pq.read_schema(out).metadata[SCHEMA_METADATA.encode()]))
        _check(sent, out, stored, options)


@settings(deadline=None, max_examples=40)
@given(st.lists(devices().filter(_is_json), min_size=1, max_size=12))
def test_a_text_only_client_gives_the_same_columns(sent: list[dict[str, Any]]) -> None:
    """With a schema, `"512"` and `512` are one value; bad values may differ, so only good ones are compared."""
    written = [
        {name: value if isinstance(value, dict) else text_of(value) for name, value in each.items() if value is not None}
        for each in sent
    ]
    with TemporaryDirectory() as folder:
        first, second = Path(folder, "first.parquet"), Path(folder, "second.parquet")
        import_devices(BytesIO(_lines(sent)), first, schema=SCHEMA)
        import_devices(BytesIO(_lines(written)), second, schema=SCHEMA)
        for name in ("memory", "pro", "flags"):
            pairs = zip(pq.read_table(first)[name].to_pylist(), pq.read_table(second)[name].to_pylist(), strict=True)
            assert all(left is None or left == right for left, right in pairs)


@settings(deadline=None, max_examples=40)
@given(st.lists(devices().filter(_is_json), min_size=1, max_size=12), policies())
def test_a_policy_counts_the_same_devices_in_the_file(sent: list[dict[str, Any]], text: str) -> None:
    policy = compile_policy(text, schema=SCHEMA)
    with TemporaryDirectory() as folder:
        out = Path(folder, "fleet.parquet")
        import_devices(BytesIO(_lines(sent)), out, schema=SCHEMA)
        with closing(open_fleet(out)) as fleet:
            counts = fleet.count(policy)
    results = [policy.evaluate(device) for device in sent]
    assert (counts.matched, counts.not_matched, counts.unknown) == tuple(map(results.count, (True, False, None)))


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Import NDJSON lines or documents; the report."""

    def call(lines: bytes | Sequence[Any], **options: Any) -> Any:
        data = lines if isinstance(lines, bytes) else _lines(lines)
        return import_devices(BytesIO(data), tmp_path / "fleet.parquet", **options)

    return call


def _rejected(report: Any) -> list[tuple[int, str]]:
    rows = [json.loads(line) for line in Path(report.rejected_path).read_text().splitlines()]
    return [(row["line"], row["text"]) for row in rows]


def test_what_is_no_device_goes_to_a_side_file(imported: Import, tmp_path: Path) -> None:
    report = imported(b'{"id":"a"}\n{"id":\n\n[1]\n{"id":"b","id":"c"}\n{"id":"d"}\n\xff\n')
    assert (report.devices, report.rejected) == (2, 4)
    assert report.rejected_path == tmp_path / "fleet.parquet.rejected.ndjson"
    assert _rejected(report) == [(2, '{"id":'), (4, "[1]"), (5, '{"id":"b","id":"c"}'), (7, "\ufffd")]
    assert pq.read_table(report.path)["id"].to_pylist() == ["a", "d"]


def test_an_over_long_line_is_rejected_with_its_beginning(imported: Import) -> None:
    report = imported(b'{"id":"a"}\n{"id":"' + b"x" * (3 * 2**20) + b'"}\n{"id":"b"}\n')
    (row,) = map(json.loads, report.rejected_path.read_text().splitlines())
    assert (report.devices, row["line"], row["cut"], len(row["text"])) == (2, 2, True, 4096)
    assert row["reason"] == "the device is longer than 1048576 bytes"


def test_the_side_file_of_an_earlier_import_is_removed(imported: Import, tmp_path: Path) -> None:
    imported(b'{"id":"a"}\n5\n')
    report = imported([{"id": "a"}])
    assert report.rejected_path is None
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.parquet"]


def test_conflicts_are_counted_and_shown(imported: Import) -> None:
    report = imported([{"memory": 512}] * 997 + [{"memory": "lots"}] * 2 + [{"memory": [1]}])
    (conflict,) = report.conflicts
    assert (conflict.name, conflict.type, conflict.present, conflict.unknown) == ("memory", "int", 1000, 3)
    assert conflict.examples == ("the text `lots`", "a list")
    assert conflict.kinds == {"int": 997, "text": 2, "list": 1}
    assert pq.read_table(report.path)["memory"].null_count == 3


def test_strict_writes_nothing_but_says_everything(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "fleet.parquet").write_text("old")
    for lines in (b'{"id":"a"}\n5\n', _lines([{"m": 1}] * 99 + [{"m": "x"}])):
        report = imported(lines, strict=True)
        assert not report.is_written
        assert report.to_plain()["written"] is False
        assert (tmp_path / "fleet.parquet").read_text() == "old"
    assert imported([{"id": "a"}], strict=True).is_written


def test_ids_that_occur_twice_are_reported_and_kept(imported: Import) -> None:
    report = imported([{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": "a"}, {}, {"id": 5}, {"id": 5}])
    assert (report.devices, report.duplicates, report.duplicate_ids) == (7, 2, ("a",))


def test_what_a_schema_does_not_declare_is_left_out_and_named(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = Schema.load({"type": "object", "properties": {"site": {"type": "object", "properties": {"a": {"type": "integer"}}}}})
    report = imported([{"x": 1, "site": {"a": 1, "b.c": 2}}, {"x": None, "productToken": "p"}], schema=schema)
    assert report.ignored == {"x": 2, 'site["b.c"]': 1}
    assert pq.read_table(report.path)["productToken"].to_pylist() == [None, "p"]
    monkeypatch.setattr("policy_lang.fleet.importing.batch._MOST_IGNORED", 1)
    assert len(imported([{"x": 1, "y": 2}, {"x": 1, "y": 1}], schema=schema).ignored) == 1


def test_an_open_schema_is_completed_by_the_data(imported: Import) -> None:
    schema = Schema.load({"type": "object", "properties": {"memory": {"type": "number"}}, "additionalProperties": True})
    report = imported([{"memory": 1, "more": True}], schema=schema)
    assert {each.name: each.type for each in report.properties if each.present} == {"memory": "number", "more": "bool"}


def test_presence_is_stored_only_where_it_says_something(imported: Import) -> None:
    report = imported([{"a": 1, "b": 2, "site": {"x": 1}, "o": {"x": 1}}] * 99 + [{"a": "x", "o": {"x": None}}])
    assert pq.read_schema(report.path).names == [
        "id",
        "product",
        "version",
        "version__key",
        "a",
        "a__present",
        "b",
        "o__present",
        "o.x",
        "site.x",
    ]


def test_metadata_say_what_the_file_is(imported: Import) -> None:
    report = imported([{"id": "a", "memory": 5}])
    metadata = pq.read_schema(report.path).metadata
    assert json.loads(metadata[SCHEMA_METADATA.encode()])["properties"]["memory"] == {"type": "integer"}
    kept = json.loads(metadata[IMPORT_METADATA.encode()])
    assert (kept["devices"], kept["rejected"], "version" in kept) == (1, 0, True)


def test_row_groups_are_even(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "ROWS_PER_GROUP", 10)
    monkeypatch.setattr(reading, "BATCH_ROWS", 7)
    stages: list[Progress] = []
    report = imported([{"id": str(number)} for number in range(25)], progress=stages.append)
    file = pq.ParquetFile(report.path)
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [10, 10, 5]
    assert file.read()["id"].to_pylist() == [str(number) for number in range(25)]
    assert list(dict.fromkeys(progress.stage for progress in stages)) == ["types", "devices", "writing"]
    assert stages[-1] == Progress("writing", 25, 25, 25)
    monkeypatch.setattr(target, "_LARGEST_GROUP", 1)
    assert pq.ParquetFile(imported([{"id": "a"}] * 20).path).num_row_groups == 3


def test_compressed_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "devices"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "device.json5").write_text("{id: 'b', memory: 512,}")
    (folder / "a.ndjson.gz").write_bytes(gzip.compress(_lines([{"id": "a1"}])) + gzip.compress(_lines([{"id": "a2"}])))
    (folder / "c.yaml").write_text("- id: c1\n- id: c2\n- 5\n")
    (folder / ".hidden.json").write_text("{}")
    (folder / "notes.txt").write_text("no device")
    progress: list[Progress] = []
    report = import_devices([folder], tmp_path / "fleet.parquet", progress=progress.append)
    assert pq.read_table(report.path)["id"].to_pylist() == ["a1", "a2", "c1", "c2", "b"]
    assert report.rejected == 1
    assert progress[0].total == sum(
        path.stat().st_size for path in folder.rglob("*.*") if path.name in {"device.json5", "a.ndjson.gz", "c.yaml"}
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"x.ndjson.gz": gzip.compress(b"{}\n" * 999)[:-12]}, "the compressed file is damaged or cut"),
        ({"x.ndjson.gz": b"no gzip"}, "the compressed file is damaged or cut"),
        ({"x.csv": b"id\n1\n"}, "the suffix of the file is not known"),
        ({"x.ndjson": b""}, "there is no device in it"),
        ({"x.ndjson": b"5\n"}, "there is no device in it"),
        ({"x.json": b"[]"}, "there is no device in it"),
        ({}, "the folder holds no devices"),
    ],
)
def test_what_cannot_be_read_leaves_the_old_file(tmp_path: Path, files: Mapping[str, bytes], message: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "fleet.parquet"
    folder.mkdir()
    out.write_text("old")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with pytest.raises(DeviceFileError) as caught:
        import_devices([folder / name for name in files] or folder, out)
    assert caught.value.diagnostics[0].message == message
    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_a_missing_file_and_one_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceFileError, match="does not exist"):
        import_devices(tmp_path / "nowhere.ndjson", tmp_path / "fleet.parquet")
    monkeypatch.setattr("policy_lang.fleet.importing.sources.MAX_SIZE", 10)
    (tmp_path / "a.json5").write_text("{a: 'long enough'}")
    (tmp_path / "b.json").write_text("{}")
    report = import_devices([tmp_path / "a.json5", tmp_path / "b.json"], tmp_path / "fleet.parquet")
    assert "the file is larger than 10 bytes" in report.rejected_path.read_text()  # type: ignore[union-attr]


def test_sources_that_change_meanwhile_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "fleet.ndjson"
    source.write_bytes(_lines([{"id": "a"}]))

    def grow(progress: Progress) -> None:
        if progress.stage == "devices":
            source.write_bytes(_lines([{"id": "a"}, {"id": "b"}]))

    with pytest.raises(DeviceFileError, match="changed while they were read"):
        import_devices(source, tmp_path / "fleet.parquet", progress=grow)


def test_too_many_properties(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "MOST_PROPERTIES", 4)
    with pytest.raises(DeviceFileError, match="different properties"):
        imported([{f"p{number}": 1 for number in range(9)}])


def test_a_pipe_is_read_twice_by_a_copy(tmp_path: Path) -> None:
    fifo, out = tmp_path / "pipe", tmp_path / "fleet.parquet"
    os.mkfifo(fifo)
    writer = subprocess.Popen(["/bin/sh", "-c", f"printf '%s\\n' '{{\"id\":\"a\",\"n\":1}}' > '{fifo}'"])
    assert import_devices(fifo, out).devices == 1
    assert writer.wait() == 0


_SLOWLY = """
import sys
from policy_lang.fleet.importing.devices import import_devices
from policy_lang.types.schema import Schema
schema = Schema.load({"type": "object", "properties": {"memory": {"type": "integer"}}})
def tell(progress):
    if progress.stage == sys.argv[2]:
        print("now", flush=True)
        if progress.stage == "writing":
            sys.stdin.buffer.raw.read(1)
import_devices(open(sys.argv[3], "rb") if len(sys.argv) > 3 else sys.stdin.buffer, sys.argv[1], schema=schema, progress=tell)
"""


@pytest.mark.parametrize("stage", ["devices", "writing"])
def test_a_killed_import_leaves_nothing_that_looks_whole(tmp_path: Path, stage: str) -> None:
    out, source = tmp_path / "fleet.parquet", tmp_path / "in.ndjson"
    lines = _lines([{"id": str(number), "memory": number} for number in range(60_000)])
    source.write_bytes(lines)
    given_file = [str(source)] if stage == "writing" else []
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOWLY, str(out), stage, *given_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    if stage == "devices":
        process.stdin.write(lines * 2)
        process.stdin.flush()
    assert process.stdout.readline() == b"now\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = [path for path in tmp_path.iterdir() if path != source]
    assert out not in left
    for path in left:
        assert path.name.startswith(".fleet.parquet.")
        with pytest.raises(Exception, match="Parquet"):
            pq.read_table(path)


_MEASURED = """
import resource, sys
from policy_lang.fleet.importing.devices import import_devices
import pyarrow, pyarrow.parquet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import_devices(sys.argv[1], sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_fleet(tmp_path: Path) -> None:
    def growth(rows: int) -> int:
        source = tmp_path / f"{rows}.ndjson"
        with source.open("w") as file:
            file.writelines(
                f'{{"id":"device-{at}","version":"1.{at % 50}.0","memory":{at % 7},"name":"{"n" * 200}"}}\n' for at in range(rows)
            )
        run = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(source), str(tmp_path / "out.parquet")],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(run.stdout) // 1024

    small, large = growth(20_000), growth(120_000)
    assert large < small + 150, (small, large)


def test_unwritable_folders_raise(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        import_devices(BytesIO(b"{}"), tmp_path / "nowhere" / "fleet.parquet")


def test_a_long_duration_has_no_place(imported: Import) -> None:
    schema = Schema.load({"type": "object", "properties": {"uptime": {"type": "string", "format": "duration"}}})
    report = imported([{"uptime": "999999999d"}, {"uptime": "7d"}, {"uptime": 5}], schema=schema)
    assert pq.read_table(report.path).select(["uptime", "uptime__present"]).to_pylist() == [
        {"uptime": None, "uptime__present": True},
        {"uptime": 604_800_000_000, "uptime__present": True},
        {"uptime": None, "uptime__present": True},
    ]
    assert report.conflicts[0].unknown == 2


def test_a_failure_while_writing_leaves_the_old_file(imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fleet.parquet").write_text("old")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("policy_lang.fleet.importing.importer.write_parquet", fail)
    with pytest.raises(OSError, match="No space"):
        imported([{"id": "a"}])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("fleet.parquet", "old")]


def test_a_system_that_opens_no_folders(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Any, *_: Any) -> int:
        raise PermissionError(path)

    monkeypatch.setattr(os, "open", refuse)
    target._sync_folder(Path())  # noqa: SLF001  nothing is raised
    monkeypatch.undo()
    assert imported([{"id": "a"}]).is_written


def test_a_file_that_goes_away_meanwhile(tmp_path: Path) -> None:
    source = tmp_path / "fleet.ndjson"
    source.write_bytes(b"{}")
    with pytest.raises(DeviceFileError, match="does not exist"):
        import_devices(source, tmp_path / "fleet.parquet", progress=lambda _progress: source.unlink(missing_ok=True))


class _Broken(BytesIO):
    """A stream of which the second half cannot be read, and that cannot be read twice."""

    def seekable(self) -> bool:
        return False

    def read(self, _size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_stream_that_breaks(tmp_path: Path) -> None:
    schema = Schema.load({"type": "object", "properties": {"productToken": {"type": "string"}}})
    with pytest.raises(DeviceFileError, match="the file cannot be read"):
        import_devices(_Broken(), tmp_path / "fleet.parquet", schema=schema)


def test_what_is_remembered_of_texts_is_bounded(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.fleet.importing.decoding._MOST_REMEMBERED", 3)
    report = imported([{"memory": str(number)} for number in range(20)])
    assert pq.read_table(report.path)["memory"].to_pylist() == list(range(20))
