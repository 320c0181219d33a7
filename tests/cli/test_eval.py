import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
ON = ["--set", "region=us"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy eval`: the exit code, standard output and standard error."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["eval", *arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("expression", "code", "output"),
    [
        ("device.region == 'us'", 0, "match\n"),
        ("device.region == 'eu'", 1, "no match\n"),
        ("device.pro == true && device.region == 'us'", 1, "unknown\n  device.pro: missing\n"),
        ("device.pro && device.tier == 'a'", 1, "unknown\n  device.pro: missing\n  device.tier: missing\n"),
    ],
)
def test_the_three_results(expression: str, code: int, output: str, run: Run) -> None:
    assert run("-e", expression, *ON) == (code, output, "")


def test_explain_shows_every_part(run: Run) -> None:
    code, out, _ = run("-e", "device.region == 'us' && device.pro", *ON, "--explain")
    assert code == 1
    assert out.splitlines() == [
        "unknown",
        "",
        "unknown device.region == 'us' && device.pro",
        "true      device.region == 'us'",
        "            device.region = 'us'",
        "unknown   device.pro  (missing)",
        "unknown because device.pro: missing",
    ]


def test_a_narrow_screen_wraps_below_the_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = run("-e", "device.region == 'us' && device.pro == true && device.id == '7'", *ON, "--explain")
    assert out.splitlines()[2:4] == ["unknown device.region == 'us' &&", "          device.pro == true &&"]


def test_json_is_one_line(run: Run) -> None:
    code, out, err = run("-e", "device.pro", *ON, "--format", "json")
    assert (code, err, out.count("\n")) == (1, "", 1)
    cause = {"property": "device.pro", "reason": "missing", "detail": "missing", "offset": 0}
    assert json.loads(out) == {"match": False, "result": None, "causes": [cause]}


def test_json_with_every_part(run: Run) -> None:
    _, out, _ = run("-e", "device.region == 'us'", *ON, "--explain", "-f", "json")
    plain = json.loads(out)
    assert plain["match"] is True
    assert plain["policy"]["parts"][0] == {"text": "device.region", "value": "us", "unknown": False, "cause": None, "parts": []}


def test_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text("device.version < update.version\n")
    (tmp_path / "device.yaml").write_text("version: 1.9.0\n")
    (tmp_path / "update.json5").write_text("{version: '1.10.0'}")
    arguments = [str(tmp_path / "a.policy"), "-d", str(tmp_path / "device.yaml"), "-u", str(tmp_path / "update.json5")]
    assert run(*arguments) == (0, "match\n", "")
    assert run(*arguments, "--set", "update.version=1.9.0") == (1, "no match\n", "")


def test_a_file_without_a_suffix_is_json5(run: Run, tmp_path: Path) -> None:
    (tmp_path / "device").write_text("{region: 'us'}")
    assert run("-e", "device.region == 'us'", "-d", str(tmp_path / "device"))[0] == 0


def test_the_device_from_standard_input(run: Run) -> None:
    assert run("-e", "device.region == 'us'", "--device", "-", stdin=b"{region: 'us'}") == (0, "match\n", "")


def test_the_policy_from_standard_input(run: Run) -> None:
    assert run("-", *ON, stdin=b"\xef\xbb\xbfdevice.region == 'us'\n") == (0, "match\n", "")


@pytest.mark.parametrize(
    ("setting", "expression"),
    [
        ("a=1.10", "string(device.a) == '1.10'"),
        ("a:=1.10", "device.a == 1.1"),
        ("a:=true", "device.a == true"),
        ("a=TRUE", "device.a == true"),
        ("a:=[1, 2]", "2 in device.a"),
        ('a:={"b": null}', "has(device.a) && !has(device.a.b)"),
        ("a=b=c", "device.a == 'b=c'"),
        ("a=", "device.a == ''"),
        ("device.a.b=7", "device.a.b == 7"),
        ("device.now=7", "device.now == 7"),
        ("update.channel=beta", "update.channel == 'beta'"),
        ("a b=7", "device['a b'] == 7"),
    ],
)
def test_settings(setting: str, expression: str, run: Run) -> None:
    assert run("-e", expression, "--set", setting) == (0, "match\n", "")


def test_a_version_stays_text(run: Run) -> None:
    """1.10.0 is text and a version; as a JSON number it would be neither."""
    assert run("-e", "device.version > '1.9.0'", "--set", "version=1.10.0") == (0, "match\n", "")
    code, out, _ = run("-e", "device.version > '1.9.0'", "--set", "version:=1.10")
    assert (code, out.splitlines()[0]) == (1, "unknown")


def test_the_last_setting_wins_and_the_file_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / "device.yaml").write_text("a: &a {x: 1}\nb: *a\n")
    options = ["-d", str(tmp_path / "device.yaml"), "--set", "a.x=2", "--set", "a.x=3"]
    assert run("-e", "device.a.x == 3 && device.a.y == null", *options)[0] == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["a"], "`a` sets no property"),
        (["=a"], "`=a` sets no property"),
        (["a..b=1"], "`a..b=1` sets no property"),
        (["device=1"], "`device` is an object, not a property"),
        (["now=1"], "the time is no property"),
        (["a=1", "a.b=1"], "`device.a.b` cannot be set, because `a` is the text `1`"),
        (["a:=[1"], "--set a:1:3: error[PL502]"),
    ],
)
def test_settings_that_make_no_sense(settings: list[str], message: str, run: Run) -> None:
    code, out, err = run("-e", "true", *(part for each in settings for part in ("--set", each)))
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "a=1"], "no policy is given"),
        (["a.policy", "-e", "true", "--set", "a=1"], "two policies are given"),
        (["-e", "true"], "no device is given"),
        (["-", "--device", "-"], "`-` is given twice"),
        (["-e", "true", *ON, "--now", "tomorrow"], "the time `tomorrow` is not a timestamp in RFC 3339"),
        (["-e", "true", *ON, "--schema", "nowhere.json"], "nowhere.json: error[PL501]: the file does not exist"),
        (["-e", "true", "--device", "nowhere.json"], "nowhere.json: error[PL501]: the file does not exist"),
        (["-e", "true", "--device", "."], ".: error[PL501]: this is a directory, not a file"),
        (["nowhere.policy", *ON], "nowhere.policy: error[PL501]: the file does not exist"),
        (["-e", "region == 'us'", *ON], "<policy>:1:1: error[PL202]: `region` is not known"),
        (["-e", "", *ON], "error[PL107]"),
    ],
)
def test_what_cannot_be_asked(arguments: list[str], message: str, run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "  = help: " in err


@pytest.mark.parametrize("text", [b"[]", b"7", b"null", b'"a"', b"\xff{}", b"{", b""])
def test_what_is_no_device(text: bytes, run: Run) -> None:
    code, out, err = run("-e", "true", "--device", "-", stdin=text)
    assert (code, out) == (2, "")
    assert err.startswith("<stdin>:1:")


def test_a_list_is_no_device(run: Run, tmp_path: Path) -> None:
    (tmp_path / "device.json").write_text("[1]")
    _, _, err = run("-e", "true", "--device", str(tmp_path / "device.json"))
    assert "device.json:1:1: error[PL511]: a device is an object, not a list" in err


def test_input_over_the_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_lang.cli.inputs.MAX_SIZE", 4)
    code, _, err = run("-", *ON, stdin=b"true ")
    assert (code, err) == (2, "<stdin>: error[PL512]: the input is larger than 4 bytes\n")


def test_a_schema(run: Run, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "object", "properties": {"memory": {"type": "integer"}}}')
    code, _, err = run("-e", "device.memry > 1", *ON, "--schema", str(tmp_path / "schema.json"))
    assert code == 2
    assert "did you mean" in err


def test_lenient_versions(run: Run) -> None:
    arguments = ["-e", "device.version < '2.0.0'", "--set", "version=v1.2"]
    assert run(*arguments)[0] == 1
    assert run(*arguments, "--lenient-versions")[0] == 0


def test_the_time_that_is_given(run: Run) -> None:
    assert run("-e", "now == timestamp('2026-05-01T09:00:00Z')", *ON, "--now", "2026-05-01T11:00:00+02:00")[0] == 0


def test_the_clock_of_the_machine(run: Run) -> None:
    assert run("-e", "now > timestamp('2026-01-01T00:00:00Z')", *ON)[0] == 0
