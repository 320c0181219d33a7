import json

import pytest

from policy_lang.diagnostics.json import to_plain
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import PolicyError
from policy_lang.pipeline import compile_policy


def test_a_finding_as_json() -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy("device.a\n= 1", name="fleet.policy")
    (plain,) = map(to_plain, caught.value.diagnostics)
    assert json.loads(json.dumps(plain)) == {
        "code": "PL108",
        "rule": None,
        "severity": "error",
        "message": "`=` is not an operator",
        "help": "write `==` to compare",
        "file": "fleet.policy",
        "field": None,
        "primary": {"line": 2, "column": 1, "endLine": 2, "endColumn": 2, "offset": 9, "length": 1, "text": ""},
        "related": [],
        "fix": {"title": "compare with `==`", "edits": [{"offset": 9, "length": 1, "replacement": "=="}]},
    }


def test_a_finding_without_a_place_as_json() -> None:
    plain = to_plain(Diagnostic("PL401", "no", field="a.b"))
    assert (plain["file"], plain["primary"], plain["fix"], plain["field"]) == (None, None, None, "a.b")
