import re

import pytest

from policy_lang.cli.table import width
from policy_lang.cli.tree import tree_lines
from policy_lang.pipeline import compile_policy

POLICY = compile_policy(
    "device.version < update.version && (device.region == 'us-west' || !(device.tags >< 'beta' && device.memory > 5))"
)


def lines(device: dict[str, object], columns: int | None, indent: str = "") -> list[str]:
    explanation = POLICY.explain(device, {"version": "2.0.0"})
    return ["".join(part.text for part in line) for line in tree_lines(explanation.root, columns, indent)]


def test_the_tree() -> None:
    assert lines({"version": "1.0.0", "region": "eu", "memory": 7}, 80) == [
        "device.version < update.version && (device.region == 'us-west…  unknown",
        "├─ device.version < update.version                              true",
        "│  ├─ device.version                                            1.0.0",
        "│  └─ update.version                                            2.0.0",
        "└─ device.region == 'us-west' || !(device.tags >< 'beta' && d…  unknown",
        "   ├─ device.region == 'us-west'                                false",
        "   │  └─ device.region                                          'eu'",
        "   └─ !(device.tags >< 'beta' && device.memory > 5)             unknown",
        "      └─ device.tags >< 'beta' && device.memory > 5             unknown",
        "         ├─ device.tags >< 'beta'                               unknown",
        "         │  └─ device.tags                                      unknown: missing",
        "         └─ device.memory > 5                                   true",
        "            └─ device.memory                                    7",
    ]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("region", ["us-west", "日本語のとても長い地域の名前" * 3, "e\u0301" * 30, "a" * 200, "\x1b[31m"])
def test_no_line_is_wider_than_the_screen_and_values_are_aligned(columns: int, region: str) -> None:
    found = lines({"version": "1.0.0", "region": region, "memory": "lots of it " * 20}, columns, "    ")
    assert max(map(width, found)) <= columns
    assert all(line.isprintable() for line in found)
    starts = {width(line[: match.start(1)]) for line in found if (match := re.search(r" {2,}(true|false|unknown)", line))}
    assert len(starts) == 1


def test_a_screen_that_is_much_too_narrow_still_shows_something() -> None:
    assert all(lines({"version": "1.0.0"}, 10))
