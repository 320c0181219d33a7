import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.cli import main
from policy_lang.syntax import formatter
from policy_lang.syntax.layout import render

Run = Callable[..., tuple[int, str, str]]
CATALOG = """# ours
updates:
  - id: r7   # the first
    policy: device.memory>5&&device.pro===true   # why
"""
FORMATTED = CATALOG.replace("memory>5&&device.pro===true", "memory > 5 && device.pro == true")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy fmt` in a folder of its own: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["fmt", *arguments])
        return code, *capsys.readouterr()

    return call


def test_files_are_written_where_they_change(run: Run) -> None:
    Path("a.policy").write_text("device.a==1")
    Path("b.policy").write_text("device.a == 1\n")
    Path("catalog.yaml").write_text(CATALOG)
    before = Path("b.policy").stat()
    assert run("a.policy", "b.policy", "catalog.yaml") == (
        0,
        "",
        "reformatted a.policy\nreformatted catalog.yaml\n2 reformatted, 1 left unchanged\n",
    )
    assert Path("a.policy").read_text() == "device.a == 1\n"
    assert Path("catalog.yaml").read_text() == FORMATTED
    assert (Path("b.policy").stat().st_ino, Path("b.policy").stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert run(".") == (0, "", "0 reformatted, 3 left unchanged\n")


def test_bytes_that_are_no_policy_stay(run: Run) -> None:
    Path("a.policy").write_bytes(b"\xef\xbb\xbfdevice.a==1\r\n&& device.b // x\r\n\r\n")
    Path("a.policy").chmod(0o640)
    Path("catalog.yaml").write_bytes(b"\xef\xbb\xbf" + CATALOG.replace("\n", "\r\n").encode())
    assert run(".")[0] == 0
    assert Path("a.policy").read_bytes() == b"\xef\xbb\xbfdevice.a == 1\n&& device.b // x\n"
    assert Path("a.policy").stat().st_mode & 0o777 == 0o640
    assert Path("catalog.yaml").read_bytes() == b"\xef\xbb\xbf" + FORMATTED.replace("\n", "\r\n").encode()
    assert sorted(path.name for path in Path().iterdir()) == ["a.policy", "catalog.yaml"]


def test_check_lists_and_writes_nothing(run: Run) -> None:
    Path("a.policy").write_text("device.a==1")
    Path("b.policy").write_text("device.a == 1\n")
    assert run("--check", "a.policy", "b.policy", "-e", "device.a==1") == (
        1,
        "would reformat <policy>\nwould reformat a.policy\n",
        "2 would be reformatted, 1 left unchanged\n",
    )
    assert Path("a.policy").read_text() == "device.a==1"
    assert run("--check", "b.policy") == (0, "", "0 would be reformatted, 1 left unchanged\n")


def test_diff_shows_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    Path("a.policy").write_text("// why\ndevice.a==1")
    code, out, err = run("--diff", ".")
    assert (code, err) == (1, "1 would be reformatted, 0 left unchanged\n")
    assert out == (
        "--- a/a.policy\n+++ b/a.policy\n@@ -1,2 +1,2 @@\n // why\n-device.a==1\n\\ No newline at end of file\n+device.a == 1\n"
    )
    assert Path("a.policy").read_text() == "// why\ndevice.a==1"
    assert run("--diff", str(tmp_path / "a.policy"))[1].startswith(f"--- a{tmp_path}/a.policy\n")
    assert run("--diff", "-e", "device.a")[:2] == (0, "")


def test_standard_input_goes_to_standard_output(run: Run) -> None:
    assert run("-", stdin=b"device.a==1 // why") == (0, "device.a == 1 // why\n", "1 reformatted, 0 left unchanged\n")
    assert run("-e", "device.a == 1") == (0, "device.a == 1\n", "0 reformatted, 1 left unchanged\n")
    assert run("--check", "-", stdin=b"device.a==1")[:2] == (1, "would reformat <stdin>\n")


def test_json(run: Run) -> None:
    Path("a.policy").write_text("device.a==1")
    code, out, _ = run("-f", "json", "--check", "a.policy", "-e", "device.b")
    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == [
        {"file": "<policy>", "state": "unchanged", "text": "device.b"},
        {"file": "a.policy", "state": "would reformat"},
    ]
    assert json.loads(run("-f", "json", "a.policy")[1]) == {"file": "a.policy", "state": "reformatted"}


def test_the_width(run: Run) -> None:
    Path("below").mkdir()
    for name in ("a.policy", "below/b.policy"):
        Path(name).write_text("device.aaaaaa == 1 && device.b == 2\n")
    Path("below/policy.toml").write_text("fmt.width = 30\n")
    assert run("--check", ".")[1] == "would reformat below/b.policy\n"
    assert run("--check", "--isolated", ".")[:2] == (0, "")
    assert run("--check", "--width", "34", ".")[1] == "would reformat a.policy\nwould reformat below/b.policy\n"
    assert run("--check", "--config", "below/policy.toml", ".")[1].count("\n") == 2
    assert run("-e", "device.aaaaaa == 1 && device.b == 2", "-w", "20")[1] == "device.aaaaaa == 1\n&& device.b == 2\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: there is nothing to format"),
        (["-", "-"], "error: `-` is given twice"),
        (["--config", "a.toml", "--isolated", "-"], "error: `--config` and `--isolated` contradict each other"),
        (["--width", "19", "-"], "error: invalid value for `--width`"),
        (["nowhere"], "error: `nowhere` does not exist"),
        (["empty"], "error: there is no policy and no catalog in `empty`"),
        (["nowhere.policy"], "nowhere.policy: error[PL501]: the file does not exist"),
        (["bad.policy"], "bad.policy:1:5: error[PL101]"),
        (["bad.yaml"], "bad.yaml:1:24: updates[0].policy: error[PL101]"),
        (["broken.yaml"], "broken.yaml:1:5: error[PL502]"),
        (["alias.yaml"], "error: alias.yaml: `updates[0].policy` is written together with `b`"),
        (["-e", "a &&"], "<policy>:1:5: error[PL101]"),
    ],
)
def test_what_cannot_be_formatted(arguments: list[str], message: str, run: Run) -> None:
    Path("empty").mkdir()
    Path("bad.policy").write_text("a &&")
    Path("bad.yaml").write_text("updates: [{policy: a &&}]")
    Path("broken.yaml").write_text("a: b: c")
    Path("alias.yaml").write_text("updates: [{policy: &a (b)}]\nb: *a\n")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_the_rest_is_formatted_all_the_same(run: Run) -> None:
    Path("a.policy").write_text("device.a &&")
    Path("b.policy").write_text("(device.b)")
    code, _, err = run(".", "nowhere.policy")
    assert code == 2
    assert err.endswith("1 reformatted, 0 left unchanged; 2 could not be formatted\n")
    assert Path("a.policy").read_text() == "device.a &&"
    assert Path("b.policy").read_text() == "device.b\n"


def test_a_fault_of_ours_writes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.policy").write_text("(device.a)")
    Path("b.policy").write_text("(device.b)")
    monkeypatch.setattr(formatter, "render", lambda *args: render(*args).replace("device.b", "device.c"))
    code, out, err = run(".")
    assert (code, out) == (3, "")
    assert err.startswith("internal error: FormatterFaultError: formatting the policy changes its meaning\n")
    assert Path("a.policy").read_text() == "(device.a)"


def test_a_file_that_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.policy").write_text("(device.a)")

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "replace", refuse)
    code, _, err = run("a.policy")
    assert code == 2
    assert "`a.policy` cannot be written" in err


@pytest.mark.parametrize("columns", [80, 120])
def test_in_a_terminal(columns: int, tmp_path: Path) -> None:
    """Colours, and nothing that is cut or wrapped."""
    (tmp_path / "a.policy").write_text("device.a==1&& device.b\n" + "// " + "x" * 150 + "\n")
    main_end, other_end = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "policy_lang", "fmt", "--diff", "a.policy"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=other_end, stderr=other_end)
    os.close(other_end)
    written = b""
    while chunk := _read(main_end):
        written += chunk
    os.close(main_end)
    assert process.wait() == 1
    lines = written.decode().replace("\r\n", "\n").split("\n")
    assert "\x1b[31m-device.a==1&& device.b\x1b[0m" in lines
    assert "\x1b[32m+device.a == 1 && device.b\x1b[0m" in lines
    assert " // " + "x" * 150 in lines


def _read(end: int) -> bytes:
    try:
        return os.read(end, 65536)
    except OSError:  # the other end is closed
        return b""


def test_standard_input_in_place_of_a_file(run: Run) -> None:
    Path("policy.toml").write_text("fmt.width = 20\n")
    Path("sub").mkdir()
    Path("sub/policy.toml").write_text("fmt.width = 88\n")
    text = b"device.a==1 && device.b==1"
    assert run("-", "--stdin-filename", "sub/a.policy", stdin=text)[:2] == (0, "device.a == 1 && device.b == 1\n")
    assert run("-", "--stdin-filename", "a.policy", stdin=text)[:2] == (0, "device.a == 1\n&& device.b == 1\n")
    assert run("-", "--stdin-filename", "sub/catalog.yaml", stdin=CATALOG.encode())[:2] == (0, FORMATTED)
    assert sorted(path.name for path in Path().rglob("*")) == ["policy.toml", "policy.toml", "sub"]


def test_each_file_once(run: Run) -> None:
    Path("a.policy").write_text("device.a==1")
    assert run("a.policy", ".", "--check") == (1, "would reformat a.policy\n", "1 would be reformatted, 0 left unchanged\n")
