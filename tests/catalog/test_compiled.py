"""A compiled catalog gives what its source gives, or is refused: never a crash, never another catalog."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.compiled import identity, write
from policy_lang.catalog.compiled.decode import decode
from policy_lang.catalog.compiled.encode import encode
from policy_lang.catalog.compiled.file import from_bytes, read_json, to_bytes
from policy_lang.catalog.compiled.problems import WrongFormError
from policy_lang.catalog.compiled.read import read_updates
from policy_lang.catalog.compiled.tables import ROWS, ReadTables, WriteTables, signature
from policy_lang.catalog.compiled.values import READ_ARGUMENTS, read_read, read_value
from policy_lang.catalog.compiled.write import is_same
from policy_lang.errors import CatalogError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.selection.engine import Selector
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import BOOL, DURATION, INT, OPEN_OBJECT, TIMESTAMP, VERSION, Kind, Type
from policy_lang.types.schema import Schema

POLICIES = (
    "device.version < update.version && device.region == 'us-west'",
    "device.version < update.version && device.region == 'us-west'",
    "device.model == /^X[0-9]+/ && satisfies(device.version, '^1.4 || >=2.0.0-rc.1 <3')",
    "rollout(50) || inCidr(device.ip, '10.0.0.0/8') || inWindow('01:30', '05:00', device.timezone)",
    "(device.pro ?? false) && device.memory in [256, -1] || now - update.published > '7d'",
    "has(device.tags[1]) && 'eu' in [device.region, 'x'] ? device.load > 1.5 : device.seen < '2026-03-01T23:30:00.5Z'",
)
LINES = ("header", "schema", "tables", "texts", "updates")


def document(*policies: str, **more: Any) -> dict[str, Any]:
    updates: list[dict[str, Any]] = [
        {
            "id": f"u{at}",
            "product": "router",
            "version": f"1.{at + 1}.0",
            "policy": policy,
            "url": f"https://example.com/{at}.bin",
            "checksum": f"{at:064x}",
        }
        for at, policy in enumerate(policies or POLICIES)
    ]
    updates[0] |= {
        "description": "é",
        "channel": "beta",
        "published": "2026-01-01T00:00:00.25Z",
        "downgrade": "allow",
        "rollout": {"percent": 33.3333, "start": "2026-01-01T00:00:00Z", "ramp": "7d", "max_per_period": 5, "period": "1d"},
    }
    updates[-1] |= {"paused": True}
    return {"updates": updates, **more}


CATALOG = Catalog.load(document())
DATA = CATALOG.compiled()


def load(data: bytes, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> Catalog:
    updates, found = read_updates(from_bytes(data, "x.policyc"), "x.policyc", schema, options)
    return Catalog(updates, found, options, None)


def changed(line: str, change: Any, data: bytes = DATA) -> bytes:
    """The file with one line changed and a checksum that is right again: what only a program could have written."""
    values = [read_json(text) for text in from_bytes(data, "x.policyc")]
    at = LINES.index(line) if line in LINES else len(LINES) + int(line)
    values[at] = change(values[at]) or values[at]
    return to_bytes(values)


def refused(data: bytes, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> str:
    """The message of the only finding, wherever the file is refused: at once, or when a policy is first asked."""
    with pytest.raises(CatalogError) as caught:
        [update.policy.core for update in load(data, schema, options)]
    (finding,) = caught.value.diagnostics
    assert finding.code == "PL513" or finding.field is not None
    return finding.message


# --- Round trips ----------------------------------------------------------------------------------------------------------------


def test_saving_and_loading(tmp_path: Path) -> None:
    CATALOG.save(tmp_path / "x.policyc")
    loaded = Catalog.load(tmp_path / "x.policyc")
    assert list(tmp_path.iterdir()) == [tmp_path / "x.policyc"]
    assert [update.to_plain() for update in loaded] == [update.to_plain() for update in CATALOG]
    assert [update.rollout for update in loaded] == [update.rollout for update in CATALOG]
    assert loaded.schema == CATALOG.schema
    assert loaded.document is None
    for update, original in zip(loaded, CATALOG, strict=True):
        assert is_same(update.policy.core, original.policy.core)
        assert update.policy.digest == original.policy.digest
        assert update.policy.source == original.policy.source


def test_a_text_that_stands_twice_is_one_policy() -> None:
    first, second, third, *_ = load(DATA).updates
    assert first.policy is second.policy
    assert first.policy is not third.policy
    assert first.bound.core is second.bound.core


def test_the_same_catalog_gives_the_same_bytes() -> None:
    assert load(DATA).compiled() == DATA == Catalog.load(document()).compiled()


@given(strategies.situations(6))
@settings(max_examples=60, deadline=None)
def test_decisions_and_explanations_are_the_same(situations: list[strategies.Situation]) -> None:
    loaded = load(DATA)
    ours, theirs = Selector(loaded), Selector(CATALOG)
    for each in situations:
        device = {**each.device, "product": "router"}
        decision, expected = ours.select(device, each.now), theirs.select(device, each.now)
        assert (decision.update and decision.update.id) == (expected.update and expected.update.id)
        assert (decision.reason, decision.detail) == (expected.reason, expected.detail)
        for update, original in zip(loaded, CATALOG, strict=True):
            assert update.bound.explain(device, None, each.now) == original.bound.explain(device, None, each.now)


@pytest.mark.parametrize("schema", [None, strategies.SCHEMA, strategies.DEFAULTS_SCHEMA], ids=["inferred", "declared", "defaults"])
def test_any_policy_survives(schema: Schema | None) -> None:
    @given(strategies.policies())
    @settings(max_examples=300, deadline=None)
    def law(text: str) -> None:
        policy, tables = strategies.compiled(text, schema), WriteTables()
        plain = json.loads(json.dumps(encode(policy.core, tables)))
        rows = json.loads(json.dumps(tables.to_plain()))
        again = decode(plain, ReadTables(rows, schema or Schema()), len(text))
        assert is_same(again, policy.core)

    law()


def test_the_schema_comes_with_it(tmp_path: Path) -> None:
    catalog = Catalog.load(
        document("device.pro && device.region == 'eu' && device.bootloader > '1.0.0'"), schema=strategies.DEFAULTS_SCHEMA
    )
    catalog.save(tmp_path / "x.policyc")
    for schema in (None, strategies.DEFAULTS_SCHEMA):
        loaded = Catalog.load(tmp_path / "x.policyc", schema=schema)
        assert loaded.schema == strategies.DEFAULTS_SCHEMA
        assert loaded.updates[0].bound.matches({"pro": True, "bootloader": "1.2.0"})


def test_further_roots_come_with_it() -> None:
    schema = Schema().with_root("site", {"type": "object", "properties": {"floor": {"type": "integer"}}})
    (update,) = load(Catalog.load(document("site.floor == 2"), schema=schema).compiled())
    assert update.bound.matches({}, None, None, roots={"site": {"floor": 2}})


DOUBLE = Function("double", Form.FUNCTION, (Parameter("x", Kind.INT),), Kind.INT, lambda x: 2 * x, "", "")


def test_functions_of_the_host_need_its_schema() -> None:
    schema = Schema().with_function(DOUBLE)
    data = Catalog.load(document("double(device.memory) == 4"), schema=schema).compiled()
    (update,) = load(data, schema)
    assert update.bound.matches({"memory": 2})
    assert refused(data) == "the catalog was compiled with functions of the host: `double`"
    assert refused(data, Schema()) == "the catalog was compiled with another schema"
    assert refused(data, Schema().with_function(replace(DOUBLE, name="triple"))) == "the catalog was compiled with another schema"


def test_literals_that_the_host_reads_are_not_written() -> None:
    parameter = Parameter("text", Kind.STRING, read=int)
    function = Function("number_of", Form.FUNCTION, (parameter,), Kind.INT, lambda x: x, "", "")
    catalog = Catalog.load(document("number_of('4') == 4"), schema=Schema().with_function(function))
    with pytest.raises(CatalogError, match=r"the host's function `number_of` reads its literals itself"):
        catalog.compiled()


def test_what_does_not_read_back_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "is_same", lambda *_: False)
    with pytest.raises(AssertionError):
        CATALOG.compiled()


def test_rollouts_that_do_not_read_back_are_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "read_updates", lambda *_: (tuple(reversed(CATALOG.updates)), None))
    with pytest.raises(AssertionError):
        CATALOG.compiled()


# --- Stale ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("release", "0.0.9", "the catalog was compiled by another release of the library: 0.0.9, not 0.1.0"),
        ("language", "0" * 64, "the catalog was compiled for another version of the language"),
        ("schema", "0" * 64, "the catalog was compiled with another schema"),
        ("functions", ["f"], "the catalog was compiled with functions of the host: `f`"),
        ("options", {"max_text": 1}, "the catalog was compiled with other options: `max_source`"),
        ("another", 1, "the compiled catalog is not one that `policy compile` writes: its header is not valid"),
    ],
)
def test_each_field_of_the_header_counts(field: str, value: Any, message: str) -> None:
    assert refused(changed("header", lambda header: header | {field: value})).startswith(message)


def test_the_options_must_be_the_same() -> None:
    lenient = Options(lenient_versions=True)
    assert refused(DATA, options=lenient) == "the catalog was compiled with other options: `lenient_versions`"
    assert load(Catalog.load(document(), options=lenient).compiled(), options=lenient).options == lenient


def test_another_format_is_not_read() -> None:
    assert (
        refused(DATA.replace(b"catalog 1 ", b"catalog 2 ", 1))
        == "the format of the compiled catalog is not 1, the one that is read here"
    )


def test_the_release_is_the_package_s_own() -> None:
    assert version("policy-lang") == identity.RELEASE


def test_rows_are_told_apart() -> None:
    assert len({json.dumps(signature(row)) for row in ROWS}) == len(ROWS)


# --- Damaged --------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, len(DATA) - 1), st.integers(0, 7))
@settings(max_examples=400, deadline=None)
def test_a_flipped_bit_is_found(at: int, bit: int) -> None:
    flipped = bytearray(DATA)
    flipped[at] ^= 1 << bit
    refused(bytes(flipped))


@given(st.integers(0, len(DATA) - 1))
@settings(max_examples=200, deadline=None)
def test_a_file_that_was_cut_is_found(length: int) -> None:
    refused(DATA[:length])


@given(st.binary(max_size=200))
def test_any_other_file_is_refused(data: bytes) -> None:
    refused(data)


def test_lines_that_were_added_are_found() -> None:
    assert "checksum" in refused(DATA + b"[]\n")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="the file does not exist"):
        Catalog.load(tmp_path / "none.policyc")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CATALOG.save(tmp_path / "x.policyc")
    monkeypatch.setattr("policy_lang.catalog.compiled.file._LARGEST", 100)
    with pytest.raises(CatalogError, match="larger than 100 bytes"):
        Catalog.load(tmp_path / "x.policyc")


def test_the_name_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a compiled catalog is named `\.policyc`"):
        CATALOG.save(tmp_path / "x.json")


def test_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "x.policyc").mkdir()
    with pytest.raises(IsADirectoryError):
        CATALOG.save(tmp_path / "x.policyc")
    assert [path.name for path in tmp_path.iterdir()] == ["x.policyc"]


# --- Written by somebody else ---------------------------------------------------------------------------------------------------
# The checksum is right: what is wrong must be found by its form.


def test_bytes_that_the_writer_never_writes() -> None:
    first, body = DATA.split(b"\n", 1)
    body = body.replace(b"us-west", "us-wést".encode())
    sealed = first[:-64] + sha256(body).hexdigest().encode() + b"\n" + body
    assert refused(sealed) == "the compiled catalog is not one that `policy compile` writes: it has characters beyond ASCII"


def paths(value: Any, at: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """The place of everything inside a JSON value."""
    yield at
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*at, key))


def put(value: Any, path: tuple[int | str, ...], new: Any) -> Any:
    if not path:
        return new
    copy = deepcopy(value)
    inside = copy
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = new
    return copy


BODY = [json.loads(line) for line in from_bytes(DATA, "x.policyc")]
PLACES = [(line, path) for line, value in enumerate(BODY) for path in paths(value)]
ODD: tuple[Any, ...] = (None, True, -1, 0, 1, 99, 2.5, 1e400, "", "x", "1.0.0", [], [1], {}, "\ud800", [[]], 2**70)


@given(st.sampled_from(PLACES), st.sampled_from(ODD))
@settings(max_examples=1500, deadline=None)
def test_any_change_is_refused_or_gives_a_catalog(place: tuple[int, tuple[int | str, ...]], new: Any) -> None:
    """Whatever a part is replaced by, the answer is a catalog that runs or a `CatalogError`."""
    line, path = place
    values = [put(value, path, new) if at == line else value for at, value in enumerate(BODY)]
    body = "".join(json.dumps(value).replace("Infinity", "1e400") + "\n" for value in values).encode()
    data = b"policy_lang compiled catalog 1 " + sha256(body).hexdigest().encode() + b"\n" + body
    try:
        for update in load(data):
            assert update.bound.evaluate({"version": "1.0.0", "ip": "10.0.0.1", "id": "d"}, None, None) in {True, False, None}
    except CatalogError:
        pass


def core_of(text: str, schema: Schema | None = None) -> tuple[Any, Any]:
    tables = WriteTables()
    return encode(strategies.compiled(text, schema).core, tables), tables.to_plain()


def test_spans_outside_the_text_are_refused() -> None:
    plain, rows = core_of("device.a == 1")
    with pytest.raises(WrongFormError, match="a span is not valid"):
        decode(plain, ReadTables(rows, Schema()), 3)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("device.memory == 1", lambda node: node[3]),  # a number as the whole policy
        ("device.memory == 1", lambda node: ["<", *node[1:4]]),
        ("device.memory == 1", lambda node: [*node, node[3]]),
        ("device.memory == 1", lambda node: ["&", *node[1:]]),
        ("device.memory == 1", lambda node: ["!", *node[1:4]]),
        ("device.memory == 1", lambda node: ["in", *node[1:]]),
        ("device.memory == 1", lambda node: ["l", *node[1:]]),
        ("device.memory == 1", lambda node: ["l", *node[1:3]]),
        ("device.memory == 1", lambda node: ["d", *node[1:4]]),
        ("device.memory == 1", lambda node: ["?", *node[1:], node[4]]),
        ("device.memory == 1", lambda node: ["nonsense", *node[1:]]),
        ("device.memory == 1", lambda _: ["f", 0, 1, -1]),
        ("device.memory == 1", lambda _: ["h", 0, 1, 0]),
        ("device.pro && device.a", lambda node: [*node[:4]]),
        ("device.pro && device.a", lambda node: ["<", *node[1:]]),
        ("device.pro == device.model.includes('x')", lambda node: [*node[:4], [*node[4][:5], *node[4][6:]]]),
        ("device.pro == device.model.includes('x')", lambda node: [*node[:4], [*node[4][:5], node[3], node[3]]]),
        ("rollout(5)", lambda node: [*node[:5], node[6], node[6], node[7]]),
        ("rollout(5)", lambda node: [*node[:7], node[5]]),
        ("satisfies(device.version, '^1')", lambda node: [*node[:6], ["c", *node[6][1:]]]),
        ("satisfies(device.version, '^1')", lambda node: [*node[:6], [*node[6][:3], ["2.0.0", "1.0.0"]]]),
        ("device.x == /a+/", lambda node: [*node[:6], [*node[6][:3], ["(", ""]]]),
        ("device.x == /a+/", lambda node: [*node[:6], [*node[6][:3], ["a", "z"]]]),
        ("inWindow('01:00', '02:00')", lambda node: [*node[:6], [*node[6][:3], 1440], *node[7:]]),
        ("inCidr(device.ip, '10.0.0.0/8')", lambda node: [*node[:6], [*node[6][:3], 7]]),
        ("device.t.length == 1", lambda node: [*node[:3], [*node[3][:4], 1, *node[3][5:]], node[4]]),
    ],
)
def test_trees_that_the_checker_does_not_make_are_refused(text: str, change: Any) -> None:
    plain, rows = core_of(text)
    tables = ReadTables(rows, Schema())
    assert is_same(decode(plain, tables, len(text)), strategies.compiled(text, None).core)
    with pytest.raises(WrongFormError):
        decode(change(plain), tables, len(text))


def test_deep_nesting_is_refused() -> None:
    deep: Any = ["f", 0, 1, 0]
    for _ in range(100_000):
        deep = ["!", 0, 1, deep]
    with pytest.raises(WrongFormError):
        decode(deep, ReadTables({"types": [1], "facts": [[["device", "a"], 0, None]], "paths": [], "functions": []}, Schema()), 9)


@pytest.mark.parametrize(
    "rows",
    [
        {"types": [3]},
        {"types": [[128]]},
        {"types": [[8, []]]},
        {"types": [[256, {"a": [1]}, True]]},
        {"facts": [[["device", "pro"], 1, None]]},  # declared as another type
        {"facts": [[["device", "pro"], 0, True]]},  # declared with another default
        {"facts": [[["device", "none"], 0, None]]},  # not declared
        {"facts": [[["nowhere", "none"], 0, None]]},
        {"facts": [[[], 0, None]]},
        {"facts": [[["device", "tags", 0], 0, None]]},
        {"paths": [["device", None]]},
        {"functions": [["function", "none"]]},
        {"types": None},
    ],
)
def test_tables_that_do_not_fit_are_refused(rows: dict[str, Any]) -> None:
    empty: dict[str, Any] = {"types": [1, 8], "facts": [], "paths": [], "functions": []}
    ReadTables(empty, strategies.DEFAULTS_SCHEMA)
    with pytest.raises(WrongFormError):
        ReadTables(empty | rows, strategies.DEFAULTS_SCHEMA)


def test_an_update_must_be_valid_too() -> None:
    def downgrade(rows: list[Any]) -> None:
        rows[2]["url"] = "http://example.com"

    assert "is not an https URL" in refused(changed("updates", downgrade))


@pytest.mark.parametrize("policy", [-1, 99, None, True, "x"])
def test_an_update_needs_a_policy_of_the_file(policy: Any) -> None:
    def change(rows: list[Any]) -> None:
        rows[1]["policy"] = policy

    assert "is not one that `policy compile` writes" in refused(changed("updates", change))


@pytest.mark.parametrize(
    ("raw", "type_"),
    [
        (2**70, DURATION),
        ("1d", DURATION),
        (True, INT),
        ("true", BOOL),
        (1, VERSION),
        ("1.2", VERSION),
        (2.5, INT),
        ("now", TIMESTAMP),
        (7, OPEN_OBJECT),
    ],
)
def test_a_constant_is_of_its_type(raw: Any, type_: Type) -> None:
    with pytest.raises(WrongFormError, match="a constant is not a value of type"):
        read_value(raw, type_)


def test_a_default_may_be_an_object() -> None:
    schema = Schema.load({"properties": {"site": {"type": "object", "additionalProperties": True, "default": {"floor": 2}}}})
    (update,) = load(Catalog.load(document("'floor' in device.site"), schema=schema).compiled())
    assert update.bound.matches({})


def test_only_rows_that_read_literals_have_them() -> None:
    with pytest.raises(WrongFormError, match=r"`double` reads no literals"):
        read_read("x", DOUBLE)


def test_each_row_that_reads_literals_can_be_written() -> None:
    """A new row of the language needs its place in `values.py`, or no catalog that calls it can be compiled."""
    reading = [row for row in ROWS if any(parameter.read is not None for parameter in row.parameters)]
    assert reading == [row for row in reading if row in READ_ARGUMENTS] != []


def test_infinities_are_no_json() -> None:
    with pytest.raises(ValueError, match="Infinity"):
        read_json("[Infinity]")


def test_each_policy_has_its_three_texts() -> None:
    def change(texts: list[Any]) -> None:
        texts[1][2] = None

    assert "the text of a policy is not text" in refused(changed("texts", change))
