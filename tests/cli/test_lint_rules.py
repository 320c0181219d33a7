"""`policy lint` with rules: which run, what they fix, how findings are written."""

import io
import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
CATALOG = """updates: # all
  - id: r7
    product: router
    version: 2.0.0
    policy: 'device.a == null' # why
    url: https://example.com/7.bin
    checksum: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""
SARIF = json.loads((Path(__file__).parents[1] / "data" / "sarif-2.1.0.json").read_text())
HINT = "info[PL346 yoda_condition]"
NULL = "warning[PL322 null_comparison]"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy lint` in a folder of its own: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("a.policy").write_text("device.a == null && 'x' == device.b\n")

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["lint", *arguments])
        return code, *capsys.readouterr()

    return call


def codes(out: str) -> list[str]:
    """The codes of findings in JSON."""
    return [json.loads(line)["code"] for line in out.splitlines()]


def test_warnings_fail(run: Run) -> None:
    code, out, err = run("a.policy", "--select", "PL322")
    assert code == 1
    assert out.startswith(f"a.policy:1:1: {NULL}: `device.a == null`")
    assert out.endswith("  = fix: `--fix` does it\n")
    assert err == "1 checked: 1 finding in 1 of them\n"


def test_hints_alone_fail_nothing(run: Run) -> None:
    code, out, err = run("a.policy", "--select", "yoda_condition")
    assert code == 0
    assert HINT in out
    assert err == "1 checked: 1 finding in 1 of them\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--select", "PL322,PL346"], ["PL322", "PL346"]),
        (["--select", "PL322", "--select", "operators"], ["PL322", "PL346"]),
        (["--select", "PL32", "--ignore", "unguarded_optional"], ["PL322"]),
        (["--ignore", "PL32"], ["PL346"]),
        (["--severity", "warning", "--select", "PL322,PL346"], ["PL322"]),
        (["--severity", "error"], []),
    ],
)
def test_which_rules_run(arguments: list[str], expected: list[str], run: Run) -> None:
    _, out, _ = run("a.policy", "--format", "json", *arguments)
    assert codes(out) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "nope"], "error: `nope` chooses no rule in `--select`"),
        (["--ignore", "PL203"], "error: `PL203` is an error, not a rule in `--ignore`"),
        (["--config", "x.toml", "--isolated"], "error: `--config` and `--isolated` contradict each other"),
        (["--config", "x.toml"], "x.toml: error[PL501]: the file does not exist"),
        (["--statistics", "--format", "sarif"], "error: `--statistics` has no form in `sarif`"),
        (["--severity", "bad"], "'error', 'warning', 'info'"),
    ],
)
def test_misuse(arguments: list[str], message: str, run: Run) -> None:
    code, out, err = run("a.policy", *arguments)
    assert (code, out) == (2, "")
    assert message.replace("'", "`") in err.replace("'", "`")


# --- Fixes -----------------------------------------------------------------------------------------------------------------------


def test_a_policy_is_fixed_in_its_file(run: Run) -> None:
    file = Path("a.policy")
    file.chmod(0o640)
    code, out, err = run("a.policy", "--fix", "--select", "PL322,PL346")
    assert (code, out) == (0, "")
    assert err == "1 checked: nothing found; 2 fixed in 1 file\n"
    assert file.read_text() == "!has(device.a) && device.b == 'x'\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in Path().iterdir()) == ["a.policy"]


def test_what_cannot_be_fixed_is_reported(run: Run) -> None:
    Path("b.policy").write_text("device.a == null && device.version < '1.2'")
    code, out, _ = run("a.policy", "b.policy", "--fix")
    assert code == 1
    assert "b.policy:1:38: error[PL210]" in out
    assert Path("b.policy").read_text().startswith("device.a == null")


def test_line_ends_and_byte_order_marks_stay(run: Run) -> None:
    Path("b.policy").write_bytes(b"\xef\xbb\xbfdevice.pro &&\r\ndevice.a == null\r\n")
    run("b.policy", "--fix")
    assert Path("b.policy").read_bytes() == b"\xef\xbb\xbfdevice.pro &&\r\n!has(device.a)\r\n"


def test_a_link_stays_a_link(run: Run) -> None:
    Path("link.policy").symlink_to("a.policy")
    run("link.policy", "--fix", "--select", "PL322")
    assert Path("link.policy").is_symlink()
    assert Path("a.policy").read_text().startswith("!has")


def test_a_file_that_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("policy_lang.cli.writing.NamedTemporaryFile", refuse)
    code, _, err = run("a.policy", "--fix")
    assert code == 2
    assert "error: `a.policy` cannot be written: Permission denied" in err


def test_a_catalog_is_fixed_in_its_file(run: Run) -> None:
    Path("catalog.yaml").write_text(CATALOG)
    code, out, err = run("catalog.yaml", "--fix")
    assert (code, out) == (0, "")
    assert err == "1 checked: nothing found; 1 fixed in 1 file\n"
    assert Path("catalog.yaml").read_text() == CATALOG.replace("device.a == null", "!has(device.a)")


def test_a_policy_of_a_catalog_that_cannot_be_written(run: Run) -> None:
    text = CATALOG.replace("'device.a == null'", "&p 'device.a == null'\n    description: *p")
    Path("catalog.yaml").write_text(text)
    code, _, err = run("catalog.yaml", "--fix")
    assert code == 1
    assert "error: catalog.yaml: `updates[0].policy` is left as it is: " in err
    assert Path("catalog.yaml").read_text() == text


def test_a_diff_changes_nothing(run: Run) -> None:
    before = Path("a.policy").read_text()
    code, out, err = run("a.policy", "--diff", "--select", "PL322")
    assert code == 1
    assert out.splitlines() == [
        "--- a/a.policy",
        "+++ b/a.policy",
        "@@ -1 +1 @@",
        "-device.a == null && 'x' == device.b",
        "+!has(device.a) && 'x' == device.b",
    ]
    assert err == "1 checked: nothing found; 1 could be fixed in 1 file\n"
    assert Path("a.policy").read_text() == before


def test_a_diff_of_nothing(run: Run) -> None:
    assert run("-e", "device.pro", "--diff") == (0, "", "1 checked: nothing found\n")


def test_standard_input_is_fixed_to_standard_output(run: Run) -> None:
    code, out, err = run("-", "--fix", "--select", "PL322,PL344", stdin=b"device.a == null && device.b ^= ''\n")
    assert code == 1
    assert out == "!has(device.a) && device.b ^= ''\n"
    assert err.startswith("<stdin>:1:19: warning[PL344 empty_affix]")
    assert err.endswith("1 checked: 1 finding in 1 of them; 1 fixed in 1 file\n")


def test_an_expression_is_fixed_to_standard_output(run: Run) -> None:
    assert run("-e", "device.a == null", "--fix")[:2] == (0, "!has(device.a)\n")


# --- Formats ---------------------------------------------------------------------------------------------------------------------


def test_statistics(run: Run) -> None:
    Path("b.policy").write_text("device.a == null && device.b ^= ''")
    code, out, _ = run("a.policy", "b.policy", "--statistics", "--select", "PL322,PL344", "-e", "nope")
    assert code == 1
    assert [line.split()[:4] for line in out.splitlines()] == [
        ["findings", "fixable", "code", "rule"],
        ["2", "2", "PL322", "null_comparison"],
        ["1", "-", "PL202", "-"],
        ["1", "-", "PL344", "empty_affix"],
    ]
    _, out, _ = run("a.policy", "--statistics", "--select", "PL322", "--format", "json")
    assert json.loads(out) == {"code": "PL322", "rule": "null_comparison", "findings": 1, "fixable": 1}


def test_sarif(run: Run) -> None:
    Path("b.policy").write_text("device.a == null // allow(null_comparison): as agreed\n|| nope")
    Path("c.policy").write_text("device.a == null // allow(null_comparison): as agreed")
    code, out, _ = run("a.policy", "b.policy", "c.policy", "--select", "PL322", "--format", "sarif")
    assert code == 1
    report = json.loads(out)
    jsonschema.Draft4Validator(SARIF).validate(report)
    (run_,) = report["runs"]
    assert [(each["ruleId"], "suppressions" in each) for each in run_["results"]] == [
        ("PL322", False),
        ("PL202", False),
        ("PL322", True),
    ]
    rules = {rule["id"]: rule for rule in run_["tool"]["driver"]["rules"]}
    assert set(rules) == {"PL202", "PL322"}
    assert rules["PL322"]["help"]["markdown"].startswith("# PL322 null_comparison")
    assert rules["PL202"]["help"]["text"].startswith("# PL202 ")


def test_sarif_without_findings(run: Run) -> None:
    code, out, _ = run("-e", "device.pro", "--format", "sarif")
    assert code == 0
    assert json.loads(out)["runs"][0]["results"] == []


def test_commands_of_github(run: Run) -> None:
    _, out, _ = run("a.policy", "--select", "PL322", "--format", "github")
    assert out.startswith("::warning file=a.policy,line=1,endLine=1,col=1,endColumn=17,title=PL322 null_comparison::")


# --- Configuration ---------------------------------------------------------------------------------------------------------------


def test_the_nearest_configuration_counts(run: Run) -> None:
    Path("policy.toml").write_text("lint.select = ['PL346']\n[lint.per-file-ignores]\n'b.policy' = ['ALL']")
    Path("sub").mkdir()
    Path("sub/policy.toml").write_text("lint.select = ['PL322']\nlint.severity = {PL322 = 'error'}")
    for name in ("b.policy", "sub/a.policy"):
        Path(name).write_text(Path("a.policy").read_text())
    code, out, _ = run("a.policy", "b.policy", "sub/a.policy")
    assert code == 1
    assert [line.split(": ")[:2] for line in out.splitlines() if "[PL" in line] == [
        ["a.policy:1:21", HINT],
        ["sub/a.policy:1:1", "error[PL322 null_comparison]"],
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["PL346"]),
        (["--isolated", "--ignore", "PL320"], ["PL322", "PL346"]),
        (["--config", "other.toml"], ["PL322"]),
        (["--select", "PL322"], ["PL322"]),
        (["--ignore", "PL346"], []),
    ],
)
def test_the_command_line_wins(arguments: list[str], expected: list[str], run: Run) -> None:
    Path("pyproject.toml").write_text("[tool.policy.lint]\nselect = ['PL346', 'PL322']\nignore = ['PL322']")
    Path("other.toml").write_text("lint.select = ['PL322']")
    _, out, _ = run("a.policy", "--format", "json", *arguments)
    assert codes(out) == expected


def test_the_schema_of_the_configuration(run: Run) -> None:
    Path("policy.toml").write_text("schema = 'device.json'\nlint.select = []")
    Path("device.json").write_text('{"type": "object", "properties": {"a": {"type": "string"}}}')
    Path("other.json").write_text('{"type": "object", "properties": {"b": {"type": "string"}}}')
    Path("catalog.yaml").write_text(CATALOG)
    Path("own.yaml").write_text("schema: other.json\n" + CATALOG)
    for arguments, expected in (
        (["a.policy", "catalog.yaml"], ["`device.b` is not declared in the schema"]),
        (["own.yaml"], ["`device.a` is not declared in the schema"]),
        (["own.yaml", "--schema", "device.json"], []),
        (["-e", "device.b == 'x'"], ["`device.b` is not declared in the schema"]),
    ):
        _, out, _ = run(*arguments, "--format", "json")
        assert [json.loads(line)["message"] for line in out.splitlines()] == expected


def test_a_wrong_configuration(run: Run) -> None:
    Path("policy.toml").write_text("[lint]\nselct = []")
    code, out, err = run("a.policy")
    assert (code, out) == (2, "")
    assert "policy.toml:2:1: lint.selct: error[PL504]: the key `selct` is not known" in err
    assert "did you mean `select`?" in err


def test_a_broken_catalog_is_a_finding(run: Run) -> None:
    Path("catalog.yaml").write_text("updates: [")
    code, out, err = run("catalog.yaml", "--fix")
    assert code == 1
    assert "error[PL502]" in out
    assert err == "1 checked: 1 finding in 1 of them\n"
