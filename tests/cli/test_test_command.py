import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD = """\
policy: a.policy
device: {region: eu, tier: basic}
cases:
  - {name: in the region, device: {region: us}, expect: match}
  - {name: premium, device: {tier: premium}, expect: match}
  - {name: others, expect: no match}
"""


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy test` in a folder of its own: the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    Path("a.policy").write_text("device.region == 'us' || device.tier == 'premium'\n")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["test", *arguments])
        return code, *capsys.readouterr()

    return call


def test_everything_passes(run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD)
    assert run() == (0, "", "3 passed in 1 file; conditions 100 %, MC/DC 100 %\n")


def test_a_failure_is_shown_with_its_reason(run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD.replace("{tier: premium}", "{region: null}"))
    code, out, err = run("a.test.yaml")
    assert code == 1
    assert out == (
        "a.test.yaml:5:5: premium\n"
        "  - expected match\n"
        "  + got      unknown\n"
        "  unknown device.region == 'us' || device.tier == 'premium'\n"
        "  unknown   device.region == 'us'\n"
        "  unknown     device.region  (missing)\n"
        "  false     device.tier == 'premium'\n"
        "              device.tier = 'basic'\n"
        "  unknown because device.region: missing\n"
        "\n"
    )
    assert err == "2 passed, 1 failed in 1 file; conditions 83 %, MC/DC 50 %\n"


def test_a_failure_of_a_catalog_shows_each_candidate(run: Run) -> None:
    Path("a.test.yaml").write_text(
        f"catalog: {EXAMPLES}/catalog.yaml\nnow: 2026-05-12T09:00:00Z\n"
        f"cases: [{{name: a, device: {EXAMPLES}/devices/device-10-pilot.yaml, expect: beacon-5.1.0}}]"
    )
    code, out, _ = run("--no-coverage")
    assert code == 1
    assert out.splitlines()[:8] == [
        "a.test.yaml:3:9: a",
        "  - expected beacon-5.1.0",
        "  + got      beacon-5.0.2",
        "  5.1.0  beacon-5.1.0: paused",
        "      the update is paused",
        "      true    device.version < update.version",
        "                device.version = 5.0.1",
        "                update.version = 5.1.0",
    ]
    assert "  5.0.2  beacon-5.0.2: offered" in out


def test_what_no_case_covers_is_listed(run: Run) -> None:
    Path("a.policy").write_text("device.a && device.b && !device.c\n  && (device.d ?? true)")
    Path("a.test.yaml").write_text(
        "policy: a.policy\ncases:\n"
        "- {name: one, device: {a: true, b: true, c: false, d: true}, expect: match}\n"
        "- {name: two, device: {a: false, b: false, c: false, d: true}, expect: no match}\n"
        "- {name: three, device: {a: false, b: true, c: true, d: true}, expect: no match}\n"
        "- {name: four, device: {a: false, b: false, d: true}, expect: no match}\n"
    )
    Path("b.test.yaml").write_text("expression: 'true'\ncases: [{name: five, expect: match}]")
    Path("c.test.yaml").write_text("expression: device.x\ncases: [{name: six, expect: unknown}]")
    code, out, err = run("--coverage")
    assert code == 0
    assert out.splitlines() == [
        "a.policy: conditions 83 %, MC/DC 0 %",
        "  1:1: device.a: decides where it is true, never where it is false",
        "  1:13: device.b: decides where it is true, never where it is false",
        "  1:26: device.c: decides where it is false, never where it is true",
        "  2:7: device.d ?? true: never false",
        "  2:7: device.d: never false",
        "b.test.yaml: nothing to cover",
        "c.test.yaml: conditions 0 %, MC/DC 0 %",
        "  1:13: device.x: never true, never false",
    ]
    assert err == "6 passed in 3 files; conditions 71 %, MC/DC 0 %\n"


def test_a_policy_that_no_case_asks_is_one_line(run: Run) -> None:
    Path("a.test.yaml").write_text(f"catalog: {EXAMPLES}/catalog.yaml\ncases: [{{name: one, expect: no product}}]")
    code, out, _ = run("--coverage")
    assert code == 0
    assert "atlas-2.4.0: conditions 0 %, MC/DC 0 %\n  no case asks this policy\n" in out
    assert "beacon-5.1.0" not in out


def test_a_condition_that_never_decides(run: Run) -> None:
    Path("a.test.yaml").write_text(
        "expression: device.a && device.b\ncases:\n"
        "- {name: one, device: {a: true, b: false}, expect: no match}\n"
        "- {name: two, device: {a: false, b: false}, expect: no match}\n"
        "- {name: three, device: {a: null, b: true}, expect: unknown}\n"
    )
    _, out, _ = run("--coverage")
    assert "  1:13: device.a: never decides\n" in out


@pytest.mark.parametrize(
    ("options", "code", "err"),
    [
        (("--fail-under", "100", "--fail-under-mcdc", "100"), 0, "3 passed in 1 file; conditions 100 %, MC/DC 100 %\n"),
        (
            ("-k", "in the", "--fail-under", "50.1"),
            1,
            "conditions: 3 of 6 are covered, less than 50.1 %\n1 passed in 1 file; conditions 50 %, MC/DC 0 %\n",
        ),
        (("-k", "in the", "--fail-under", "50"), 0, "1 passed in 1 file; conditions 50 %, MC/DC 0 %\n"),
        (
            ("-k", "others", "--fail-under-mcdc", "1"),
            1,
            "MC/DC: 0 of 2 are covered, less than 1 %\n1 passed in 1 file; conditions 50 %, MC/DC 0 %\n",
        ),
        (("--no-coverage",), 0, "3 passed in 1 file\n"),
    ],
)
def test_coverage_can_be_asked_for(options: tuple[str, ...], code: int, err: str, run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD)
    assert run(*options) == (code, "", err)


def test_json_has_one_object_a_line(run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD.replace("expect: no match", "expect: unknown"))
    code, out, _ = run("-f", "json")
    first, _, third, coverage = map(json.loads, out.splitlines())
    assert code == 1
    assert first == {
        "kind": "case",
        "file": "a.test.yaml",
        "case": "in the region",
        "field": "cases[0]",
        "line": 4,
        "column": 5,
        "passed": True,
        "checks": [{"what": "result", "expected": "match", "got": "match", "passed": True}],
        "explanation": None,
        "trace": [],
    }
    assert (third["passed"], third["explanation"]["result"]) == (False, False)
    assert (coverage["kind"], coverage["file"], coverage["update"]) == ("coverage", "a.policy", None)
    assert coverage["conditions"] == {"covered": 6, "total": 6, "percent": 100}
    assert coverage["terms"][1] == {
        "text": "device.region == 'us'",
        "line": 1,
        "column": 1,
        "kind": "condition",
        "true": True,
        "false": True,
        "unknown": False,
        "decides": {"true": "in the region", "false": "others"},
    }


def test_json_of_a_catalog_has_the_trace(run: Run) -> None:
    device = EXAMPLES / "devices" / "device-10-pilot.yaml"
    Path("a.test.yaml").write_text(f"catalog: {EXAMPLES}/catalog.yaml\ncases: [{{name: a, device: {device}, expect: nothing}}]")
    _, out, _ = run("-f", "json", "--no-coverage")
    (case,) = map(json.loads, out.splitlines())
    assert [(step["update"], step["gate"]) for step in case["trace"]] == [("beacon-5.1.0", "paused"), ("beacon-5.0.2", "offered")]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD)
    Path("b.test.yaml").write_text("polciy: a.policy\ncases: []\n")
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "b.test.yaml:1:1: polciy: error[PL504]: the key `polciy` is not known" in err
    assert err.endswith("3 passed in 2 files; 1 could not be read; conditions 100 %, MC/DC 100 %\n")


def test_stopping_at_the_first_failure(run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD.replace("expect: match", "expect: unknown"))
    Path("b.test.yaml").write_text(GOOD)
    assert run("-x", "--no-coverage")[2] == "0 passed, 1 failed in 1 file\n"


def test_files_and_folders_each_once(run: Run) -> None:
    Path("tests", ".hidden").mkdir(parents=True)
    Path("tests", ".hidden", "a.test.yaml").write_text("[")
    Path("tests", "a.test.yaml").write_text(GOOD.replace("a.policy", "../a.policy"))
    Path("tests", "other.test.json").write_text('{"suite": []}')
    assert run("tests", "tests/a.test.yaml", "-j", "2") == (0, "", "3 passed in 1 file; conditions 100 %, MC/DC 100 %\n")


def test_a_file_that_is_named_may_have_any_name(run: Run) -> None:
    Path("checks.yaml").write_text(GOOD)
    assert run("checks.yaml")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "error: there is no test of a policy in `.`"),
        (("nowhere.test.yaml",), "nowhere.test.yaml: error[PL501]: the file does not exist"),
        (("a.test.yaml", "-k", "zz"), "error: no case and no file has `zz` in its name"),
        (("a.test.yaml", "--fail-under", "101"), "error: a coverage is from 0 to 100 percent"),
        (("a.test.yaml", "--fail-under-mcdc", "nan"), "error: a coverage is from 0 to 100 percent"),
        (("a.test.yaml", "--fail-under", "1", "--no-coverage"), "error: nothing is measured with `--no-coverage`"),
        (("a.test.yaml", "--jobs", "0"), "error: 0 processes cannot do anything"),
        (("a.test.yaml", "--junit", "nowhere/a.xml"), "error: `nowhere/a.xml` cannot be written: no such file or directory"),
    ],
)
def test_what_cannot_be_done(arguments: tuple[str, ...], message: str, run: Run) -> None:
    if arguments:
        Path("a.test.yaml").write_text(GOOD)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)


def test_junit(run: Run) -> None:
    Path("a.test.yaml").write_text(GOOD.replace("expect: no match", "expect: match"))
    assert run("--junit", "out.xml")[0] == 1
    root = ET.parse("out.xml").getroot()  # noqa: S314  our own
    assert (root.attrib["tests"], root.attrib["failures"]) == ("3", "1")


@pytest.mark.parametrize("columns", [40, 80])
def test_nothing_is_wider_than_the_terminal(columns: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    Path("a.test.yaml").write_text(
        GOOD.replace("premium,", f"{'premium' * 20} {'and more ' * 20},").replace("tier: premium", f"tier: {'x' * 200}")
        + f"  - {{name: four, device: {{region: null}}, expect: unknown, cause: device.tier}}\n"
        f"  - {{name: five, device: {{region: {'y' * 120}}}, expect: match}}\n"
    )
    code, out, _ = run("--coverage")
    assert code == 1
    assert max(map(len, out.splitlines())) <= columns


def test_control_characters_are_made_visible(run: Run) -> None:
    Path("a.test.yaml").write_text('expression: "true"\ncases: [{name: "a\\e[31m", expect: unknown}]')
    _, out, _ = run()
    assert out.startswith("a.test.yaml:2:9: a\N{REPLACEMENT CHARACTER}[31m\n")


def test_a_terminal_shows_how_far_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.test.yaml").write_text(GOOD)
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run()[0] == 0
    assert "3 passed in 1 file" in terminal.getvalue()
