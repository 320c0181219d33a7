"""Every style of every format: each character of a text is found where it was written."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.documents.align import align
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.source import Span

POLICY = "device.version < '2.0.0'\n  && device.region == \"us\""
FLAT = "device.version < '2.0.0' && device.region == \"us\""

STYLES = {
    "json": (Kind.JSON, r"""{"p": "device.version < '2.0.0'\n  && device.region == \"us\""}""", POLICY),
    "json-codes": (Kind.JSON, r"""{"p": "device.version < \u00272.0.0\u0027 && device.region == \u0022us\u0022"}""", FLAT),
    "json5-double": (Kind.JSON5, r"""{p: "device.version < '2.0.0'\n  && device.region == \"us\""}""", POLICY),
    "json5-single": (Kind.JSON5, r"""{p: 'device.version < \'2.0.0\'\n  && device.region == "us"'}""", POLICY),
    "json5-continued": (Kind.JSON5, "{p: 'device.version < \\'2.0.0\\'\\n\\\n  && device.region == \"us\"'}", POLICY),
    "toml-basic": (Kind.TOML, r"""p = "device.version < '2.0.0'\n  && device.region == \"us\"" """, POLICY),
    "toml-basic-lines": (Kind.TOML, f'p = """\n{POLICY[:-1]}\\""""', POLICY),
    "toml-basic-quotes": (Kind.TOML, f'p = """{POLICY}"""', POLICY),
    "toml-basic-continued": (Kind.TOML, 'p = """device.version < \'2.0.0\' \\\n\n   && device.region == "us\\u0022"""', FLAT),
    "toml-literal": (Kind.TOML, "p = 'device.region == \"us\" && true'", 'device.region == "us" && true'),
    "toml-literal-lines": (Kind.TOML, f"p = '''\n{POLICY}'''", POLICY),
    "toml-literal-same-line": (Kind.TOML, f"p = '''{POLICY}'''", POLICY),
    "yaml-plain": (Kind.YAML, f"p: {FLAT}", FLAT),
    "yaml-plain-lines": (Kind.YAML, "p: device.version < '2.0.0'\n   && device.region == \"us\"\n", FLAT),
    "yaml-single": (Kind.YAML, "p: 'device.version < ''2.0.0''\n\n  && device.region == \"us\"'", POLICY.replace("  ", "")),
    "yaml-single-start": (Kind.YAML, "p: '''us'' == device.region'", "'us' == device.region"),
    "yaml-double": (Kind.YAML, r"""p: "device.version < '2.0.0'\n  && device.region == \"us\"" """, POLICY),
    "yaml-double-lines": (Kind.YAML, 'p: "device.version < \'2.0.0\'\n  && device.region == \\"us\\""', FLAT),
    "yaml-double-continued": (Kind.YAML, 'p: "device.version < \'2.0.0\' \\\n  && device.region == \\"us\\""', FLAT),
    "yaml-literal": (Kind.YAML, "p: |-\n  device.version < '2.0.0'\n    && device.region == \"us\"\n", POLICY),
    "yaml-literal-kept": (
        Kind.YAML,
        "p: |+\n  device.version < '2.0.0'\n    && device.region == \"us\"\n\nq: 1\n",
        POLICY + "\n\n",
    ),
    "yaml-literal-comment": (
        Kind.YAML,
        "p: &a | # why\n\n  device.version < '2.0.0'\n    && device.region == \"us\"",
        "\n" + POLICY,
    ),
    "yaml-folded": (Kind.YAML, "p: >-\n  device.version < '2.0.0'\n  && device.region == \"us\"\n", FLAT),
    "yaml-folded-paragraph": (
        Kind.YAML,
        "p: >\n  device.version < '2.0.0'\n\n  && device.region == \"us\"\n",
        FLAT.replace(" &&", "\n&&") + "\n",
    ),
    "yaml-folded-indented": (Kind.YAML, "p: >-\n  device.version < '2.0.0'\n    && device.region == \"us\"\n", POLICY),
    "yaml-tagged": (Kind.YAML, "p: &x !!str # why\n  'device.region == \"us\"'", 'device.region == "us"'),
    "yaml-alias": (Kind.YAML, "q: &x 'device.region == \"us\"'\np: *x", 'device.region == "us"'),
}


@pytest.mark.parametrize("is_windows", [False, True])
@pytest.mark.parametrize(("kind", "text", "value"), STYLES.values(), ids=STYLES)
def test_each_character_is_where_it_was_written(kind: Kind, text: str, value: str, is_windows: bool) -> None:  # noqa: FBT001
    document = parse_document(text.replace("\n", "\r\n") if is_windows else text, "catalog", kind)
    assert document.value["p"] == value
    offsets = document.text_offsets(("p",)) or ()
    assert len(offsets) == len(value) + 1
    written = [document.source.text[at] for at in offsets[:-1]]
    assert not [
        (char, found) for char, found in zip(value, written, strict=True) if not char.isspace() and found not in (char, "\\")
    ]


@pytest.mark.parametrize(("kind", "text", "value"), STYLES.values(), ids=STYLES)
def test_offsets_never_go_back(kind: Kind, text: str, value: str) -> None:
    offsets = parse_document(text, "catalog", kind).text_offsets(("p",)) or ()
    assert list(offsets) == sorted(offsets), value


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.JSON5])
def test_a_pair_of_codes_is_one_character(kind: Kind) -> None:
    document = parse_document(r'["a\ud83d\ude00b\ud83d"]', "catalog", kind)
    assert document.text_offsets((0,)) == (2, 3, 15, 16, 22)


@pytest.mark.parametrize("raw", ['"\\x41\\U0001F600"', '"\\N\\_\\L\\P\\e\\a"'])
def test_the_escapes_of_yaml(raw: str) -> None:
    assert parse_document(raw, "a.yaml", Kind.YAML).text_offsets(()) is not None


@pytest.mark.parametrize(
    ("raw", "value"), [("'a'", "b"), ("'a'", "ab"), ('"\\U99999999"', "a"), ("|", "a"), ("|\n  a", "b"), ("a", "")]
)
def test_what_does_not_fit_is_none(raw: str, value: str) -> None:
    assert align(raw, Span(0, len(raw)), value) is None


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \n'\"\\#:-é\U0001f600\t"), max_size=30), st.sampled_from(["|", ">", "'", '"', None]))
def test_what_pyyaml_writes_is_found(value: str, style: str | None) -> None:
    """Whatever PyYAML writes is found, or nothing is claimed; the characters found are the right ones."""
    text = yaml.safe_dump({"p": value}, default_style=style, allow_unicode=True, width=20)
    document = parse_document(text, "a.yaml", Kind.YAML)
    offsets = document.text_offsets(("p",))
    assert offsets is not None
    pairs = zip(document.value["p"], offsets, strict=False)
    assert all(char.isspace() or document.source.text[at] in (char, "\\") for char, at in pairs)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_json_is_always_found(value: str) -> None:
    """A text of JSON is found whatever it holds."""
    text = f'"{"".join(f"{chr(92)}u{ord(char):04x}" if ord(char) < 0x10000 and not char.isalnum() else char for char in value)}"'
    assert len(parse_document(text, "a.json", Kind.JSON).text_offsets(()) or ()) == len(value) + 1
