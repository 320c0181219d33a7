import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
CHECKSUM = "00" * 32
CATALOG = f"""updates:
  - {{id: r3, product: router, version: 3.0.0, policy: device.tier == 'beta', url: 'https://e.com/3', checksum: '{CHECKSUM}'}}
  - {{id: r2, product: router, version: 2.0.0, policy: device.pro, url: 'https://e.com/2', checksum: '{CHECKSUM}'}}
"""
GOOD = '{"id": "a", "product": "router", "version": "1.0.0", "pro": "true", "tier": "x"}'
NOTHING = '{"id": "b", "product": "router", "version": "1.0.0", "pro": false}'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy select` on a catalog in a folder of its own: the exit code, standard output and standard error."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(CATALOG)
    Path("good.json").write_text(GOOD)
    Path("nothing.json5").write_text(NOTHING)

    def call(*arguments: str, stdin: bytes | io.BytesIO = b"") -> tuple[int, str, str]:
        raw = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
        code = main(["select", *arguments])
        return code, *capsys.readouterr()

    return call


def test_one_device(run: Run) -> None:
    code, out, err = run("catalog.yaml", "--device", "good.json")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["device  version  update  to     why", "a       1.0.0    r2      2.0.0  offered"]


def test_one_device_that_gets_nothing(run: Run) -> None:
    code, out, err = run("catalog.yaml", "--device", "nothing.json5")
    assert (code, err) == (1, "")
    assert out.splitlines()[1] == "b       1.0.0    -       -   no match: 3.0.0 policy unknown, 2.0.0 policy false"


def test_devices_may_follow_the_catalog(run: Run) -> None:
    code, out, _ = run("catalog.yaml", "--device", "good.json", "nothing.json5", "good.json")
    assert code == 0
    assert [line[0] for line in out.splitlines()[1:]] == ["a", "b", "a"]


def test_json(run: Run) -> None:
    code, out, _ = run("catalog.yaml", "good.json", "nothing.json5", "--format", "json")
    offered, none = map(json.loads, out.splitlines())
    assert code == 0
    assert offered == {
        "device": "a",
        "file": "good.json",
        "line": None,
        "reason": "offered",
        "detail": offered["detail"],
        "url": "https://e.com/2",
        "checksum": CHECKSUM,
        "update": "r2",
        "version": "2.0.0",
    }
    assert (none["update"], none["version"], none["reason"]) == (None, None, "no match")


def test_trace(run: Run) -> None:
    _, out, _ = run("catalog.yaml", "good.json", "--trace")
    assert out.splitlines()[2:] == [
        "  3.0.0  r3: policy false",
        "      the policy is false",
        "      false   device.tier == 'beta'",
        "                device.tier = 'x'",
        "  2.0.0  r2: offered",
        "      the device gets the update",
        "      true    device.pro",
    ]


def test_trace_in_json(run: Run) -> None:
    _, out, _ = run("catalog.yaml", "good.json", "--trace", "-f", "json")
    steps = json.loads(out)["trace"]
    assert [(step["update"], step["gate"]) for step in steps] == [("r3", "policy false"), ("r2", "offered")]
    assert steps[0]["explanation"]["policy"]["parts"][0]["value"] == "x"


def test_a_fleet(run: Run) -> None:
    Path("fleet.ndjson").write_text(f"{GOOD}\n\n{NOTHING}\n{{}}\n")
    code, out, err = run("catalog.yaml", "--devices", "fleet.ndjson")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["device", "a", "b", "line"]
    assert err == "3 devices: 1 offered, 1 no product, 1 no match\n"


def test_a_fleet_from_standard_input(run: Run) -> None:
    code, out, err = run("catalog.yaml", "--devices", "-", "-f", "json", stdin=f"\n{GOOD}\n".encode())
    assert (code, err) == (0, "1 device: 1 offered\n")
    plain = json.loads(out)
    assert (plain["file"], plain["line"], plain["update"]) == ("<stdin>", 2, "r2")


def test_an_empty_fleet(run: Run) -> None:
    assert run("catalog.yaml", "--devices", "-") == (0, "", "0 devices\n")


def test_lines_that_cannot_be_read(run: Run) -> None:
    Path("fleet.ndjson").write_bytes(b"\n".join([b"{", GOOD.encode(), b"[1]", b"\xff", GOOD.encode()]))
    code, out, err = run("catalog.yaml", "--devices", "fleet.ndjson")
    assert code == 2
    assert len(out.splitlines()) == 3
    for place in ("fleet.ndjson:1:2: error[PL502]", "fleet.ndjson:3:1: error[PL511]", "fleet.ndjson:4:1: error[PL112]"):
        assert place in err
    assert err.endswith("2 devices: 2 offered; 3 lines could not be read\n")


def test_many_lines_that_cannot_be_read_do_not_bury_the_screen(run: Run) -> None:
    code, out, err = run("catalog.yaml", "--devices", "-", stdin=b"{\n" * 500)
    assert (code, out) == (2, "")
    assert err.count("error[") == 20
    assert err.endswith("further lines that cannot be read are only counted\n0 devices; 500 lines could not be read\n")


def test_one_line_that_cannot_be_read(run: Run) -> None:
    _, _, err = run("catalog.yaml", "--devices", "-", stdin=b"{\n")
    assert err.endswith("0 devices; 1 line could not be read\n")


def test_a_device_that_cannot_be_read(run: Run) -> None:
    Path("list.json").write_text("[]")
    code, out, err = run("catalog.yaml", "list.json", "nowhere.json", "good.json")
    assert code == 2
    assert len(out.splitlines()) == 2
    assert "list.json:1:1: error[PL511]: a device is an object, not a list" in err
    assert "nowhere.json: error[PL501]" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.yaml", "good.json"], "nowhere.yaml: error[PL501]"),
        (["good.json", "good.json"], "good.json:1:2: id: error[PL504]"),
        (["catalog.yaml"], "error: no device is given"),
        (["catalog.yaml", "good.json", "--devices", "-"], "error: devices and a fleet are given"),
        (["catalog.yaml", "-", "-"], "error: `-` is given twice"),
        (["catalog.yaml", "good.json", "--now", "2026-05-01"], "error: the time `2026-05-01` is not a timestamp"),
        (["catalog.yaml", "--devices", "nowhere.ndjson"], "nowhere.ndjson: error[PL501]: the file does not exist"),
        (["catalog.yaml", "--devices", "."], ".: error[PL501]: this is a directory, not a file"),
    ],
)
def test_what_cannot_be_asked(arguments: list[str], message: str, run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_the_time(run: Run) -> None:
    Path("catalog.yaml").write_text(CATALOG.replace("pro,", "pro, rollout: {start: '2026-05-01T00:00:00Z'},"))
    assert run("catalog.yaml", "good.json", "--now", "2026-04-30T23:59:59Z")[0] == 1
    assert run("catalog.yaml", "good.json", "--now", "2026-05-01T00:00:00Z")[0] == 0
    assert run("catalog.yaml", "good.json")[0] == 0


def test_lenient_versions(run: Run) -> None:
    Path("good.json").write_text(GOOD.replace("1.0.0", "v1.0"))
    code, out, _ = run("catalog.yaml", "good.json")
    assert code == 1
    assert "no version: " in out
    assert run("catalog.yaml", "good.json", "--lenient-versions")[0] == 0


@pytest.mark.parametrize(
    ("device", "shown"),
    [
        ('{"product": "router", "version": "3.0.0"}', "good.json  3.0.0    -       -   up to date"),
        ('{"product": "router", "version": 1.5}', "good.json  1.5      -       -   no version: "),
        ('{"product": "router", "id": 7}', "good.json  -        -       -   no version: missing"),
        ('{"product": "ruter", "version": "1.0.0"}', "good.json  1.0.0    -       -   unknown product"),
    ],
)
def test_why_a_device_gets_nothing(device: str, shown: str, run: Run) -> None:
    Path("good.json").write_text(device)
    _, out, _ = run("catalog.yaml", "good.json")
    assert out.splitlines()[1].startswith(shown)


def test_a_very_long_version(run: Run) -> None:
    Path("good.json").write_text(GOOD.replace("1.0.0", "1" * 5000))
    _, out, _ = run("catalog.yaml", "good.json")
    assert f"{'1' * 39}…  " in out


def test_more_gates_than_fit(run: Run) -> None:
    rows = "".join(
        f"  - {{id: r{n}, product: router, version: {n}.0.0, policy: 'false', url: 'https://e.com', checksum: '{CHECKSUM}'}}\n"
        for n in range(2, 7)
    )
    Path("catalog.yaml").write_text(f"updates:\n{rows}")
    _, out, _ = run("catalog.yaml", "good.json")
    assert out.endswith("no match: 6.0.0 policy false, 5.0.0 policy false, 4.0.0 policy false, …\n")


def test_a_narrow_screen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    _, out, _ = run("catalog.yaml", "nothing.json5", "good.json", "--trace")
    rows = out.splitlines()
    assert rows[1] == "b       1.0.0    -  no match: 3.0.0 policy unknow…"
    assert all(len(row) <= 50 for row in rows)


class _Broken(io.BytesIO):
    """A file on a disk that fails after the first line."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError
        return super().readline(size)


def test_a_fleet_that_breaks_off(run: Run) -> None:
    """What was decided is shown, and the exit code says that it is not all."""
    code, out, err = run("catalog.yaml", "--devices", "-", stdin=_Broken(f"{GOOD}\n{GOOD}\n".encode()))
    assert code == 2
    assert len(out.splitlines()) == 2
    assert err.startswith("<stdin>: error[PL501]: the file cannot be read")


def test_a_large_fleet_streams(tmp_path: Path) -> None:
    """Rows come out while devices still go in, and memory does not grow with the fleet."""
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    script = (
        "import resource, sys; from policy_lang.cli import main; code = main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, "select", str(tmp_path / "catalog.yaml"), "--devices", "-", "-f", "json"]

    def peak(lines: int) -> int:
        result = subprocess.run(command, input=f"{GOOD}\n" * lines, capture_output=True, text=True, check=True)
        assert result.stdout.count("\n") == lines
        return int(result.stderr.splitlines()[-1])

    assert peak(50_000) < peak(500) + 10_000
