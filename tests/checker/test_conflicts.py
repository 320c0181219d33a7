"""What is said where types do not fit; which findings there are is in `cases/checker`."""

import pytest

from policy_lang.checker.policy import check
from policy_lang.errors import PolicyTypeError
from policy_lang.source import Source
from policy_lang.syntax.parser import parse
from policy_lang.types.schema import Schema

SCHEMA = Schema.load(
    {
        "type": "object",
        "properties": {
            "memory": {"type": "integer"},
            "load": {"type": "number"},
            "pro": {"type": "boolean"},
            "size": {"type": "string"},
        },
    }
)


@pytest.mark.parametrize(
    ("policy", "remedy"),
    [
        ("device.memory > '512'", "write `512`, without quotes"),
        ("'512' == device.memory", "write `512`, without quotes"),
        ("device.load < '-0.5'", "write `-0.5`, without quotes"),
        ("device.memory > 'much'", "write a number, for example `256`"),
        ("device.memory > '1' + '2'", "convert one of them: `string(…)`, `number(…)`, `version(…)`"),
        ("device.pro == 'TRUE'", "write `true`, without quotes"),
        ("device.pro == 'yes'", "write `true` or `false`, without quotes"),
        ("device.pro < true", "only `==` and `!=` compare bools"),
        ("device.size > 512", "write `number(device.size)` to compare numbers, or `512` in quotes"),
        ("0.5 == device.size", "write `number(device.size)` to compare numbers, or `0.5` in quotes"),
        ("device.size == true", "write a text in quotes, for example `'us-west'`"),
    ],
)
def test_the_help_writes_the_literal_as_it_fits(policy: str, remedy: str) -> None:
    with pytest.raises(PolicyTypeError) as caught:
        check(parse(Source(policy)), SCHEMA)
    assert [each.help for each in caught.value.diagnostics] == [remedy]
