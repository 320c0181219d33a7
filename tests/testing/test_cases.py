from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.compiler.policy import Policy
from policy_lang.errors import PolicyError
from policy_lang.selection.model import Gate
from policy_lang.testing.cases import load_suite
from policy_lang.testing.model import Suite

CATALOG = """\
updates:
  - id: r7
    product: router
    version: 2.0.0
    policy: device.pro == true
    url: https://example.com/7.bin
    checksum: "0000000000000000000000000000000000000000000000000000000000000000"
"""
GOOD = "expression: device.a == 1 && update.b == 1\ncases: [{name: one, device: {a: 1}, update: {b: 1}, expect: match}]\n"


def suite(folder: Path, text: str, name: str = "a.test.yaml") -> Suite:
    """The suite of a text."""
    path = folder / name
    path.write_text(dedent(text))
    return load_suite(path)


def findings(folder: Path, text: str) -> list[str]:
    """What is wrong with a text: code, position, field and message of each finding."""
    with pytest.raises(PolicyError) as caught:
        suite(folder, text)
    shown = []
    for each in caught.value.diagnostics:
        place = each.location
        shown.append(f"{each.code} {'' if place is None else f'{place.line}:{place.column} '}{each.field}: {each.message}")
    return shown


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text("device.region == 'us' && device.version < update.version\n")
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "device.json5").write_text("{version: '1.0.0', region: 'eu'}")


def test_an_expression(tmp_path: Path) -> None:
    found = suite(tmp_path, GOOD)
    assert isinstance(found.subject, Policy)
    (case,) = found.cases
    assert (case.name, case.device, case.update, case.now, case.expect) == ("one", {"a": 1}, {"b": 1}, None, "match")
    assert (case.cause, case.gates, case.field, found.location(case)) == (None, {}, "cases[0]", (2, 9))


def test_a_policy_in_a_file_beside(tmp_path: Path) -> None:
    text = "policy: a.policy\ncases: [{name: one, device: device.json5, expect: no match}]"
    found = suite(tmp_path, text)
    assert found.name == str(tmp_path / "a.policy")
    assert found.cases[0].device == {"version": "1.0.0", "region": "eu"}


def test_defaults_are_merged_one_level_deep(tmp_path: Path) -> None:
    text = """
        policy: a.policy
        now: 2026-05-12T09:00:00+02:00
        device: {version: 1.0.0, region: us, site: {floor: 1}}
        update: {version: 2.0.0, channel: beta}
        cases:
          - {name: one, expect: match}
          - name: two
            device: {region: null, site: {room: 2}}
            update: {version: 1.0.0}
            now: 2026-01-01T00:00:00Z
            expect: unknown
    """
    one, two = suite(tmp_path, text).cases
    assert one.device == {"version": "1.0.0", "region": "us", "site": {"floor": 1}}
    assert one.now == datetime(2026, 5, 12, 7, tzinfo=UTC)
    assert two.device == {"version": "1.0.0", "region": None, "site": {"room": 2}}
    assert two.update == {"version": "1.0.0", "channel": "beta"}
    assert two.now == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_catalog(tmp_path: Path) -> None:
    text = """
        catalog: catalog.yaml
        cases:
          - {name: one, device: {product: router}, expect: r7}
          - {name: two, expect: nothing, gates: {r7: policy unknown}}
          - {name: three, expect: up to date}
    """
    found = suite(tmp_path, text)
    assert isinstance(found.subject, Catalog)
    assert [case.expect for case in found.cases] == ["r7", "nothing", "up to date"]
    assert found.cases[1].gates == {"r7": Gate.POLICY_UNKNOWN}


def test_a_schema_and_lenient_versions(tmp_path: Path) -> None:
    text = """
        expression: device.version < '2.0.0'
        schema: {properties: {region: {enum: [us]}}}
        lenient_versions: true
        cases: [{name: one, device: {version: v1.2}, expect: match}]
    """
    subject = suite(tmp_path, text).subject
    assert isinstance(subject, Policy)
    assert subject.options.lenient_versions
    assert findings(tmp_path, text.replace("device.version < '2.0.0'", "device.zone == 'x'"))[0].startswith(
        "PL203 2:20 expression:"
    )


def test_a_schema_stands_in_for_that_of_a_catalog(tmp_path: Path) -> None:
    text = "catalog: catalog.yaml\nschema: {properties: {pro: {type: string}}}\ncases: [{name: a, expect: nothing}]"
    (found,) = findings(tmp_path, text)
    assert found.startswith("PL201 5:")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.test.json", '{"expression": "true", "cases": [{"name": "one", "expect": "match"}]}'),
        ("a.test.json5", "{expression: 'true', cases: [{name: 'one', expect: 'match'}]}"),
        ("a.test.toml", 'expression = "true"\n[[cases]]\nname = "one"\nexpect = "match"\n'),
        ("a.test.yml", "expression: true\ncases:\n- name: one\n  expect: match\n"),
    ],
)
def test_every_format(name: str, text: str, tmp_path: Path) -> None:
    assert [case.name for case in suite(tmp_path, text, name).cases] == ["one"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "PL506 1:1 None: a test file must be an object, not a list"),
        ("expression: true", "PL520 1:1 cases: the file has no cases"),
        ("expression: true\ncases: []", "PL520 2:8 cases: the file has no cases"),
        ("expression: true\ncases: 1", "PL506 2:8 cases: `cases` must be a list, not the number `1`"),
        ("cases: [{name: a, expect: match}]", "PL521 1:1 None: the file does not say what it tests"),
        (
            "policy: a.policy\nexpression: true\ncases: [{name: a, expect: match}]",
            "PL521 2:13 expression: `policy` and `expression` stand beside each other",
        ),
        ("policy: ''\ncases: [{name: a, expect: match}]", "PL506 1:9 policy: `policy` must be the name of a file, not empty"),
        (
            "policy: 5\ncases: [{name: a, expect: match}]",
            "PL506 1:9 policy: `policy` must be the name of a file, not the number `5`",
        ),
        (
            "expression: 5\ncases: [{name: a, expect: match}]",
            "PL506 1:13 expression: `expression` must be text, not the number `5`",
        ),
        ("expression: true\ncases: [5]", "PL506 2:9 cases[0]: a case must be an object, not the number `5`"),
        ("expression: true\ncases: [{expect: match}]", "PL505 2:9 cases[0].name: the field `name` is missing"),
        ("expression: true\ncases: [{name: a}]", "PL505 2:9 cases[0].expect: the field `expect` is missing"),
        ("expression: true\ncases: [{name: ' ', expect: match}]", "PL507 2:16 cases[0].name: `name` is empty"),
        (
            "expression: true\ncases: [{name: a, expect: mtach}]",
            "PL507 2:27 cases[0].expect: `expect` names `mtach`, which is not known",
        ),
        (
            "expression: true\ncases: [{name: a, expect: true}]",
            "PL506 2:27 cases[0].expect: `expect` must be text, not the bool `true`",
        ),
        (
            "expression: true\ncases: [{name: a, expect: match, devise: {}}]",
            "PL504 2:34 cases[0].devise: the key `devise` is not known",
        ),
        (
            "expression: true\ncases: [{name: a, expect: match, device: 5}]",
            "PL506 2:42 cases[0].device: `device` must be an object or the name of a file, not the number `5`",
        ),
        (
            "expression: true\ncases: [{name: a, expect: match, device: ''}]",
            "PL506 2:42 cases[0].device: `device` must be an object or the name of a file, not empty",
        ),
        (
            "expression: true\ncases: [{name: a, expect: match, now: today}]",
            "PL507 2:39 cases[0].now: `now` is not a timestamp in RFC 3339: `today`",
        ),
        (
            "expression: true\ncases: [{name: a, expect: match}, {name: a, expect: match}]",
            "PL522 2:42 cases[1].name: the name `a` is already that of `cases[0]`",
        ),
        (
            "expression: device.a\ncases: [{name: a, expect: match, cause: device.a}]",
            "PL523 2:41 cases[0].cause: `cause` stands beside `expect: match`, which has none",
        ),
        (
            "expression: device.a\ncases: [{name: a, expect: unknown, cause: device.b}]",
            "PL507 2:43 cases[0].cause: `cause` names `device.b`, which is not known",
        ),
        (
            "expression: true\ncases: [{name: a, expect: unknown, cause: device.b}]",
            "PL507 2:43 cases[0].cause: `cause` names `device.b`, which is not known",
        ),
        ("expression: device.a ==\ncases: [{name: a, expect: match}]", "PL101 1:24 expression: a value is missing at the end"),
        (
            "expression: true\nlenient_versions: 1\ncases: [{name: a, expect: match}]",
            "PL506 2:19 lenient_versions: `lenient_versions`",
        ),
        ("catalog: catalog.yaml\nupdate: {}\ncases: [{name: a, expect: r7}]", "PL504 2:1 update: the key `update` is not known"),
        (
            "catalog: catalog.yaml\ncases: [{name: a, expect: r8}]",
            "PL507 2:27 cases[0].expect: `expect` names `r8`, which is not known",
        ),
        (
            "catalog: catalog.yaml\ncases: [{name: a, expect: r7, gates: {r8: paused}}]",
            "PL507 2:38 cases[0].gates: `gates` names `r8`, which is not known",
        ),
        (
            "catalog: catalog.yaml\ncases: [{name: a, expect: r7, gates: {r7: pause}}]",
            "PL507 2:38 cases[0].gates: `gates` names `pause`, which is not known",
        ),
        (
            "catalog: catalog.yaml\ncases: [{name: a, expect: r7, gates: {r7: true}}]",
            "PL506 2:38 cases[0].gates: `gates` has the bool `true` for `r7`",
        ),
        (
            "catalog: catalog.yaml\ncases: [{name: a, expect: r7, gates: r7}]",
            "PL506 2:38 cases[0].gates: `gates` must be an object, not the text `r7`",
        ),
    ],
)
def test_each_mistake_has_its_place(text: str, expected: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, text)
    assert found.startswith(expected)


def test_no_mistake_hides_another(tmp_path: Path) -> None:
    text = "catalog: nowhere.yaml\nnow: 5\ndevice: nowhere.json\ncases: [{name: a, expect: x, gates: {y: paused}}, {exepct: z}]"
    assert [each.split()[0] for each in findings(tmp_path, text)] == ["PL501", "PL506", "PL501", "PL505", "PL505", "PL504"]


def test_did_you_mean(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        suite(tmp_path, "expression: device.region == 'us'\ncases: [{nmae: a, expect: unknown, cause: device.regoin}]")
    assert [each.help for each in caught.value.diagnostics] == [
        None,
        "did you mean `name`?",
        "did you mean `device.region`?",
    ]


def test_what_is_wrong_in_another_file_is_shown_there(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text("device.memory > 5 &&")
    (tmp_path / "device.json5").write_text("{a: }")
    text = "policy: a.policy\ncases: [{name: a, device: device.json5, expect: match}]"
    with pytest.raises(PolicyError) as caught:
        suite(tmp_path, text)
    places = [(Path(each.source.name).name, each.location) for each in caught.value.diagnostics if each.source is not None]
    assert places == [("a.policy", (1, 21)), ("device.json5", (1, 5))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "policy: {}\ncases: [{{name: a, expect: match}}]",
            "PL501 1:9 policy: the file `{}` cannot be used: the file does not exist",
        ),
        ("expression: true\ndevice: {}\ncases: [{{name: a, expect: match}}]", "PL501 2:9 device: the file `{}` cannot be used"),
    ],
)
def test_a_file_that_is_not_there(text: str, expected: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, text.format("x.policy", "x.policy"))
    assert found.startswith(expected.format(tmp_path / "x.policy")[:60])


def test_a_device_that_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    (found,) = findings(tmp_path, "expression: true\ndevice: list.json\ncases: [{name: a, expect: match}]")
    assert found.startswith("PL511 2:9 device: the file")
    assert found.endswith("holds a list, not an object")


def test_a_word_that_is_an_id_too_is_ambiguous(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text(CATALOG.replace("r7", "nothing"))
    (found,) = findings(tmp_path, "catalog: catalog.yaml\ncases: [{name: a, expect: nothing}]")
    assert found.endswith("`expect` is ambiguous: `nothing` is also the id of an update")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="the file does not exist"):
        load_suite(tmp_path / "none.test.yaml")
