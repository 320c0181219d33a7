import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
CATALOG = """updates:
  - id: r7
    product: router
    version: 2.0.0
    policy: device.memory > 'low' && device.memory > 5
    url: https://example.com/7.bin
    checksum: "0000000000000000000000000000000000000000000000000000000000000000"
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy lint` in a folder of its own: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["lint", *arguments])
        return code, *capsys.readouterr()

    return call


def test_nothing_found(run: Run) -> None:
    Path("a.policy").write_text("device.version < update.version\n")
    assert run("a.policy") == (0, "", "1 checked: nothing found\n")


def test_findings_are_data_and_the_summary_is_not(run: Run) -> None:
    Path("a.policy").write_text("1 < device.memory < 3 && memory\n")
    code, out, err = run("a.policy", "-e", "true")
    assert code == 1
    assert out.startswith("a.policy:1:19: error[PL104]: comparisons cannot be chained\n  | 1 < device")
    assert err == "2 checked: 2 findings in 1 of them\n"


def test_a_catalog(run: Run) -> None:
    Path("catalog.yaml").write_text(CATALOG)
    code, out, err = run("catalog.yaml")
    assert code == 1
    assert out.startswith("catalog.yaml:5:")
    assert "updates[0].policy: error[PL207]" in out
    assert err == "1 checked: 1 finding in 1 of them\n"


def test_json_has_one_finding_a_line(run: Run) -> None:
    code, out, _ = run("-e", "memory == tier", "--format", "json")
    assert code == 1
    assert [json.loads(line)["code"] for line in out.splitlines()] == ["PL202", "PL202"]


def test_json_without_findings_is_empty(run: Run) -> None:
    assert run("-e", "true", "-f", "json") == (0, "", "1 checked: nothing found\n")


def test_standard_input(run: Run) -> None:
    code, out, _ = run("-", stdin=b"memory")
    assert code == 1
    assert out.startswith("<stdin>:1:1: error[PL202]")


@pytest.mark.parametrize("name", ["-", "a.policy"])
def test_what_is_not_utf8(name: str, run: Run) -> None:
    Path("a.policy").write_bytes(b"device.a == '\xff'")
    code, out, err = run(name, "-e", "memory", stdin=b"device.a == '\xff'")
    assert code == 2
    assert out.startswith("<policy>:1:1: error[PL202]")
    assert "1:14: error[PL112]" in err
    assert err.endswith("1 checked: 1 finding in 1 of them; 1 could not be read\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.policy"], "nowhere.policy: error[PL501]: the file does not exist"),
        (["nowhere.yaml"], "nowhere.yaml: error[PL501]: the file does not exist"),
        (["nowhere"], "error: `nowhere` does not exist"),
        (["empty"], "error: there is no policy and no catalog in `empty`"),
        (["a.policy", "--schema", "nowhere.json"], "nowhere.json: error[PL501]"),
        ([], "error: there is nothing to check"),
        (["-", "-"], "error: `-` is given twice"),
    ],
)
def test_what_cannot_be_read(arguments: list[str], message: str, run: Run) -> None:
    Path("empty").mkdir()
    Path("a.policy").write_text("true")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_a_schema_that_its_catalog_cannot_find_is_a_finding(run: Run) -> None:
    Path("catalog.yaml").write_text("schema: nowhere.json\nupdates: []\n")
    code, out, _ = run("catalog.yaml")
    assert code == 1
    assert "catalog.yaml:1:9: schema: error[PL501]" in out


def test_the_rest_is_checked_all_the_same(run: Run) -> None:
    Path("a.policy").write_text("memory")
    code, out, err = run("nowhere.policy", "a.policy")
    assert code == 2
    assert out.startswith("a.policy:1:1: error[PL202]")
    assert err.endswith("1 checked: 1 finding in 1 of them; 1 could not be read\n")


def test_a_folder(run: Run) -> None:
    for name in ("a/.hidden", "a/b"):
        Path(name).mkdir(parents=True)
    for name in ("a/.hidden/x.policy", "a/.x.policy", "a/b/readme.txt"):
        Path(name).write_text("memory")
    Path("a/b/x.policy").write_text("memory")
    Path("a/catalog.yaml").write_text("updates: 7")
    Path("a/other.yaml").write_text("memory: 7")
    Path("a/list.json").write_text("[1]")
    Path("a/broken.json").write_text("{")
    Path("a/broken-catalog.json").write_text('{"updates": [}')
    os.mkfifo("a/pipe.json")
    code, out, err = run("a")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines() if "error[" in line] == [
        "a/broken-catalog.json",
        "a/catalog.yaml",
        "a/b/x.policy",
    ]
    assert err == "3 checked: 3 findings in 3 of them\n"


def test_a_file_in_a_folder_that_cannot_be_read(run: Run) -> None:
    Path("a").mkdir()
    Path("a/catalog.json").write_bytes(b"\xff")
    code, out, err = run("a")
    assert (code, out) == (2, "")
    assert "a/catalog.json:1:1: error[PL112]" in err


def test_a_catalog_that_is_named_is_checked_though_it_has_no_updates(run: Run) -> None:
    Path("other.yaml").write_text("memory: 7")
    code, out, _ = run("other.yaml")
    assert code == 1
    assert "the field `updates` is missing" in out


def test_a_schema(run: Run) -> None:
    Path("schema.json").write_text('{"type": "object", "properties": {"memory": {"type": "integer"}}}')
    Path("a.policy").write_text("device.memry > 5")
    Path("catalog.yaml").write_text(CATALOG)
    code, out, _ = run("a.policy", "catalog.yaml", "--schema", "schema.json")
    assert code == 1
    assert "did you mean `memory`?" in out
    assert "error[PL201]" in out


def test_a_very_large_policy(run: Run) -> None:
    Path("a.policy").write_text("device.a == 1 && " * 600_000 + "true")
    code, out, _ = run("a.policy")
    assert code == 1
    assert "error[PL120]" in out
    assert len(out) < 2000


def test_an_empty_file(run: Run) -> None:
    Path("a.policy").write_text("")
    code, out, _ = run("a.policy")
    assert code == 1
    assert "error[PL107]" in out


def test_standard_input_in_place_of_a_file(run: Run) -> None:
    Path("sub").mkdir()
    Path("sub/policy.toml").write_text("lint.ignore = ['PL346']\n")
    code, out, _ = run("-", "--stdin-filename", "sub/a.policy", stdin=b"'a' == device.a && device.b == null")
    assert (code, out.splitlines()[0]) == (
        1,
        "sub/a.policy:1:20: warning[PL322 null_comparison]: `device.b == null` asks whether a property is there",
    )
    code, out, err = run("-", "--stdin-filename", "sub/catalog.yaml", stdin=CATALOG.encode())
    assert out.startswith("sub/catalog.yaml:5:")
    assert (code, err) == (1, "1 checked: 1 finding in 1 of them\n")


def test_standard_input_in_place_of_a_file_is_fixed_on_standard_output(run: Run) -> None:
    catalog = CATALOG.replace("device.memory > 'low' && device.memory > 5", "5 < device.memory  # why")
    Path("catalog.yaml").write_text("untouched")
    code, out, err = run("-", "--stdin-filename", "catalog.yaml", "--fix", stdin=catalog.encode())
    assert (code, out) == (1, catalog.replace("5 < device.memory", "device.memory > 5"))
    assert err.endswith("1 checked: 1 finding in 1 of them; 1 fixed in 1 file\n")
    assert Path("catalog.yaml").read_text() == "untouched"


@pytest.mark.parametrize("command", ["lint", "fmt"])
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("a.policy", "--stdin-filename", "b.policy"), "error: `--stdin-filename` names standard input, and it is not read"),
        (("-", "--stdin-filename", "b.txt"), "error: `b.txt` is neither a policy nor a catalog"),
        (("-", "-"), "error: `-` is given twice"),
    ],
)
def test_a_name_for_nothing(command: str, arguments: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, *arguments]) == 2
    assert capsys.readouterr().err.splitlines()[0] == problem


def test_each_file_once(run: Run) -> None:
    Path("a.policy").write_text("memory")
    Path("catalog.yaml").write_text(CATALOG)
    Path("b.policy").symlink_to("a.policy")
    assert run("a.policy", ".", "./a.policy", "catalog.yaml")[2] == "2 checked: 2 findings in 2 of them\n"
