import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.cli import main

Run = Callable[..., tuple[int, str, str]]
CHECKSUM = "00" * 32
CATALOG = f"""updates:
  - {{id: r3, product: router, version: 3.0.0, policy: device.tier == 'beta', url: 'https://e.com/3', checksum: '{CHECKSUM}'}}
  - {{id: r2, product: router, version: 2.0.0, policy: device.pro, url: 'https://e.com/2', checksum: '{CHECKSUM}'}}
  - {{id: r1, product: router, version: 1.5.0, policy: 'true', url: 'https://e.com/1', checksum: '{CHECKSUM}'}}
  - {{id: c9, product: camera, version: 9.0.0, policy: 'true', url: 'https://e.com/9', checksum: '{CHECKSUM}'}}
"""
GOOD = '{"id": "a", "product": "router", "version": "1.0.0", "pro": "true", "tier": "x"}'
NOW = ["--now", "2026-05-12T09:00:00Z"]
ABOUT = "device a, product router, version 1.0.0, at 2026-05-12T09:00:00Z"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `policy explain` in a folder of its own: the exit code, standard output and standard error."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(CATALOG)
    Path("good.json").write_text(GOOD)
    Path("p.policy").write_text("device.region == update.channel\n")

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["explain", *arguments])
        return code, *capsys.readouterr()

    return call


def test_a_policy_that_does_not_match(run: Run) -> None:
    code, out, err = run("-e", "device.region == 'us' && device.memory >= 256", "--set", "region=us", "--set", "memory=128")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "no match: the policy is false",
        "",
        "  device.region == 'us' && device.memory >= 256  false",
        "  ├─ device.region == 'us'                       true",
        "  │  └─ device.region                            'us'",
        "  └─ device.memory >= 256                        false",
        "     └─ device.memory                            128",
        "",
        "would match if",
        "  device.memory is 256 (is 128)",
    ]


def test_a_policy_that_matches(run: Run) -> None:
    code, out, _ = run("-e", "device.region == 'us'", "--set", "region=us")
    assert code == 0
    assert out.splitlines()[0] == "match: the policy is true"
    assert out.splitlines()[-2:] == ["would not match if", "  device.region is 'other' (is 'us')"]


def test_a_policy_that_is_unknown(run: Run) -> None:
    code, out, _ = run("-e", "device.region == 'us' && device.pro", "--set", "pro:=5")
    assert code == 0
    assert out.splitlines()[0] == (
        "no match: the policy is unknown, because device.region: missing; device.pro: expected bool, got the number `5`"
    )
    assert out.splitlines()[-3:] == ["would match if", "  device.pro is true (is 5)", "  and device.region is 'us' (is missing)"]


def test_a_policy_that_nothing_changes(run: Run) -> None:
    _, out, _ = run("-e", "update.channel == 'beta'", "--set", "id=1")
    assert out.splitlines()[-1] == "would match if: no change of device properties found"


def test_without_the_nearest_change(run: Run) -> None:
    _, out, _ = run("-e", "device.region == 'us'", "--set", "region=us", "--no-nearest")
    assert out.splitlines()[-1] == "  └─ device.region       'us'"
    _, out, _ = run("-e", "device.region == 'us'", "--set", "region=us", "--no-nearest", "-f", "json")
    assert (json.loads(out)["nearest"], json.loads(out)["nearestReason"]) == (None, "not asked")


def test_files(run: Run) -> None:
    Path("update.json").write_text('{"channel": "us"}')
    assert run("p.policy", "-d", "good.json", "-u", "update.json", "--set", "region=us")[1].startswith("match")
    assert run("-", "-d", "good.json", stdin=b"device.version < '2.0.0'")[1].startswith("match")
    assert run("-e", "device.version == '1.2.0'", "--set", "version=v1.2", "--lenient-versions")[1].startswith("match")
    Path("schema.json").write_text('{"properties": {"tier": {"enum": ["x"]}}}')
    assert run("-e", "device.tier == 'y'", "-d", "good.json", "--schema", "schema.json")[0] == 2


def test_json_of_a_policy(run: Run) -> None:
    code, out, err = run("-e", "device.region == 'us'", "--set", "region=eu", "--format", "json")
    plain = json.loads(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert list(plain) == ["kind", "match", "detail", "result", "causes", "policy", "nearest", "nearestReason"]
    assert (plain["kind"], plain["match"], plain["result"], plain["nearestReason"]) == ("policy", False, False, None)
    assert plain["nearest"] == {
        "matches": True,
        "properties": [{"property": "device.region", "action": "change", "from": "eu", "to": "us", "anyValue": False}],
    }


def test_python(run: Run) -> None:
    code, out, _ = run("p.policy", "--python")
    assert (code, "def matches(" in out) == (0, True)
    _, out, _ = run("p.policy", "--python", "-f", "json")
    assert "def matches(" in json.loads(out)["python"]
    _, out, _ = run("catalog.yaml", "--python", "--update-id", "r2")
    assert "def matches(" in out


def test_a_catalog(run: Run) -> None:
    code, out, err = run("catalog.yaml", "-d", "good.json", *NOW)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "the device gets `r2`, version 2.0.0",
        ABOUT,
        "",
        "3.0.0  r3  policy false",
        "  the policy is false",
        "    device.tier == 'beta'  false",
        "    └─ device.tier         'x'",
        "  would be offered if",
        "    device.tier is 'beta' (is 'x')",
        "",
        "2.0.0  r2  offered",
        "  the device gets the update",
        "    device.pro  true",
    ]


def test_all_candidates(run: Run) -> None:
    _, out, _ = run("catalog.yaml", "-d", "good.json", *NOW, "--all")
    assert out.splitlines()[-4:] == [
        "",
        "1.5.0  r1  not tried",
        "  not tried, because the device gets `r2`; nothing else stops it",
        "    true  true",
    ]


def test_what_would_happen_to_a_candidate_that_was_not_tried(run: Run) -> None:
    _, out, _ = run("catalog.yaml", "-d", "good.json", *NOW, "--set", "tier=beta", "--set", "pro=false", "--update-id", "r2")
    assert out.splitlines()[-2:] == ["  would pass if", "    device.pro is true (is false)"]


@pytest.mark.parametrize(
    ("update_id", "first", "head"),
    [
        ("r3", "the device does not get `r3`; the device gets `r2`, version 2.0.0", "3.0.0  r3  policy false"),
        ("r2", "the device gets `r2`, version 2.0.0", "2.0.0  r2  offered"),
        ("r1", "the device does not get `r1`; the device gets `r2`, version 2.0.0", "1.5.0  r1  not tried"),
        ("c9", "the device does not get `c9`; the device gets `r2`, version 2.0.0", "9.0.0  c9  not a candidate"),
    ],
)
def test_one_update(update_id: str, first: str, head: str, run: Run) -> None:
    code, out, _ = run("catalog.yaml", "-d", "good.json", *NOW, "--update-id", update_id)
    assert (code, out.splitlines()[:4]) == (0, [first, ABOUT, "", head])
    assert out.count("\n\n") == 1


@pytest.mark.parametrize(
    ("settings", "first", "second"),
    [
        (
            ["product=ruoter"],
            "the catalog has no update for the product `ruoter`; did you mean `router`?",
            "product ruoter, version 1.0.0",
        ),
        (["product=x"], "the catalog has no update for the product `x`", "product x, version 1.0.0"),
        (["product:=null"], "the device has no usable product: missing", "product missing, version 1.0.0"),
        (
            ["version=v1.2"],
            "the device has no usable version: the text `v1.2` is not a semantic version; `--lenient-versions` reads it as 1.2.0",
            "product router, version 'v1.2'",
        ),
        (["version=x"], "the device has no usable version: the text `x` is not a semantic version", "product router, version 'x'"),
        (
            ["version:=1.1"],
            "the device has no usable version: expected version, got the number `1.1`",
            "product router, version 1.1",
        ),
        (["version=4.0.0"], "the catalog has nothing for a device at version `4.0.0`", "product router, version 4.0.0"),
    ],
)
def test_devices_without_candidates(settings: list[str], first: str, second: str, run: Run) -> None:
    options = [part for each in settings for part in ("--set", each)]
    code, out, _ = run("catalog.yaml", "-d", "good.json", *NOW, *options)
    assert (code, out.splitlines()) == (0, [first, f"device a, {second}, at 2026-05-12T09:00:00Z"])


def test_a_device_without_an_id(run: Run) -> None:
    _, out, _ = run("catalog.yaml", "--set", "product=router", "--set", "version=1.0.0", *NOW)
    assert out.splitlines()[1].startswith("device without an id, product router")


def test_json_of_a_catalog(run: Run) -> None:
    code, out, _ = run("catalog.yaml", "-d", "good.json", *NOW, "--format", "json", "--all")
    plain = json.loads(out)
    assert code == 0
    assert list(plain) == [
        *("kind", "device", "now", "reason", "detail", "url", "checksum", "update", "version", "candidates"),
    ]
    assert (plain["kind"], plain["device"], plain["now"], plain["update"]) == ("selection", "a", "2026-05-12T09:00:00Z", "r2")
    assert [(each["update"], each["gate"], each["candidate"], each["tried"]) for each in plain["candidates"]] == [
        ("r3", "policy false", True, True),
        ("r2", "offered", True, True),
        ("r1", None, True, False),
    ]
    assert plain["candidates"][0]["needs"][0]["change"]["properties"][0]["property"] == "device.tier"


def test_a_catalog_without_changes(run: Run) -> None:
    _, out, _ = run("catalog.yaml", "-d", "good.json", *NOW, "--no-nearest")
    assert out.splitlines()[7:9] == ["  would be offered if", "    the policy is true"]


def test_a_compiled_catalog_is_explained_as_its_source(run: Run) -> None:
    Catalog.load("catalog.yaml").save("catalog.policyc")
    assert run("catalog.policyc", "-d", "good.json", *NOW) == run("catalog.yaml", "-d", "good.json", *NOW)
    _, out, _ = run("catalog.policyc", "--update-id", "r2", "--python")
    assert out.startswith("def make(")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing is given to explain"),
        (["p.policy", "-e", "true", "-d", "good.json"], "two policies are given"),
        (["p.policy"], "no device is given"),
        (["catalog.yaml"], "no device is given"),
        (["good.txt", "-d", "good.json"], "`good.txt` is neither a policy nor a catalog"),
        (["p.policy", "-d", "good.json", "--all"], "`--all` is about a catalog"),
        (["p.policy", "-d", "good.json", "--update-id", "r2"], "`--update-id` is about a catalog"),
        (["catalog.yaml", "-d", "good.json", "-u", "good.json"], "the updates of a catalog say their properties themselves"),
        (["catalog.yaml", "-d", "good.json", "--set", "update.version=1.0.0"], "the updates of a catalog say their properties"),
        (["catalog.yaml", "--python"], "`--python` is about one policy"),
        (["catalog.yaml", "-d", "good.json", "--update-id", "r22"], "did you mean `r2`?"),
        (["catalog.yaml", "-d", "good.json", "--update-id", "nothing like it"], "name one of its updates"),
        (["-", "-d", "-"], "`-` is given twice"),
        (["catalog.yaml", "-d", "nowhere.json"], "the file does not exist"),
        (["-e", "device.", "-d", "good.json"], "PL1"),
        (["catalog.yaml", "-d", "good.json", "--now", "today"], "is not a timestamp"),
    ],
)
def test_what_cannot_be_asked(arguments: list[str], message: str, run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("columns", [80, 120])
def test_nothing_is_wider_than_the_screen(columns: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    policy = "device.version < update.version && " + " && ".join(f"device.property{at} == 'value {at}'" for at in range(9))
    _, out, _ = run("-e", policy, "--set", f"property3={'long ' * 60}", "--set", "version=1.0.0")
    assert max(map(len, out.splitlines())) <= columns
    assert "…" in out
