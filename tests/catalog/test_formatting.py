"""The policies of a catalog change, and nothing else does."""

import pytest

from policy_lang.catalog.formatting import format_catalog, policies_of
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.documents.rewrite import RewriteError
from policy_lang.errors import CatalogError

CATALOG = """\
# The catalog of the gateway.
updates:
    - id: one   # the first
      policy: device.a==1&&device.b   # why
    - id: two
      policy: 'device.a===1'
    - {id: three, policy: "(device.a)", url: x}
    - id: long
      policy: "device.version < update.version && (device.region == 'us-west' || device.tier === 'premium') && device.pro" # why
      url: x
    - id: block
      policy: |
          // why
          device.a
            && device.b // of b
    - id: folded
      policy: >-
          device.a
          &&   device.b
    - id: none
    - id: wrong
      policy: 7
    - 7
"""
FORMATTED = """\
# The catalog of the gateway.
updates:
    - id: one   # the first
      policy: device.a == 1 && device.b   # why
    - id: two
      policy: 'device.a == 1'
    - {id: three, policy: "device.a", url: x}
    - id: long
      policy: |- # why
        device.version < update.version
        && (device.region == 'us-west' || device.tier == 'premium')
        && device.pro
      url: x
    - id: block
      policy: |
          // why
          device.a
          && device.b // of b
    - id: folded
      policy: >-
          device.a && device.b
    - id: none
    - id: wrong
      policy: 7
    - 7
"""


def _format(text: str, kind: Kind = Kind.YAML, width: int = 88) -> str:
    return format_catalog(parse_document(text, "catalog", kind), width=width)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_catalog_in_yaml(ending: str) -> None:
    formatted = FORMATTED.replace("\n", ending)
    assert _format(CATALOG.replace("\n", ending)) == formatted
    assert _format(formatted) == formatted


TOML = """\
[[updates]]
id = "one"  # the first
policy = "device.a==1&&device.b"  # why

[[updates]]
policy = 'device.a==1&&device.b==2'

[[updates]]
policy = '''
device.a==1 // why
&& device.b==2
'''
"""


def test_a_catalog_in_toml() -> None:
    formatted = _format(TOML, Kind.TOML, width=35)
    assert formatted == TOML.replace('a==1&&device.b"', 'a == 1 && device.b"').replace(
        "'device.a==1&&device.b==2'", "'''\ndevice.a == 1\n&& device.b == 2'''"
    ).replace("a==1 //", "a == 1 //").replace("b==2\n'''", "b == 2\n'''")
    assert _format(formatted, Kind.TOML, width=35) == formatted


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.JSON5, Kind.YAML])
def test_where_there_are_no_lines_a_policy_stays_on_one(kind: Kind) -> None:
    text = '{"updates": [{"policy": "%s"}]}'
    assert _format(text % "device.a==1\\n && device.b", kind, width=20) == text % "device.a == 1 && device.b"
    assert _format(text % "device.a==1 // why", kind) == text % "device.a == 1 // why"
    left = text % "device.a==1 // why\\n && device.b"
    assert _format(left, kind) == left


def test_a_narrow_margin_is_not_too_narrow() -> None:
    text = "updates:\n  - policy: device.a == 1 && device.b == 2\n"
    assert _format(text, width=20) == "updates:\n  - policy: |-\n      device.a == 1\n      && device.b == 2\n"
    assert _format(text.replace(" && device.b == 2", ""), width=20) == text.replace(" && device.b == 2", "")


def test_aliases_share_a_policy() -> None:
    text = "updates:\n  - policy: &all device.a==1\n  -\n      policy: *all\n"
    assert _format(text) == text.replace("==", " == ")
    with pytest.raises(RewriteError, match=r"`updates\[0\]\.policy` is written together with `note`"):
        _format(text + "note: *all\n")


@pytest.mark.parametrize("text", ["", "7", "updates: 7", "updates: [{policy: 7}, 7, {}]"])
def test_what_is_no_catalog_has_no_policies(text: str) -> None:
    assert not list(policies_of(parse_document(text, "catalog", Kind.YAML)))
    assert _format(text) == text


def test_syntax_errors_are_those_of_all_policies() -> None:
    text = "updates:\n  - policy: device.a &&\n  - policy: device.b==1\n  - policy: device.c = 1\n"
    with pytest.raises(CatalogError) as caught:
        _format(text)
    found = [(each.code, each.field, each.location and each.location.line) for each in caught.value.diagnostics]
    assert found == [("PL101", "updates[0].policy", 2), ("PL108", "updates[2].policy", 4)]
