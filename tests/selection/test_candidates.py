import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.selection.candidates import Scan
from policy_lang.versions.version import Version


def scan() -> Scan:
    updates = [
        {
            "id": f"{product}-{version}",
            "product": product,
            "version": version,
            "policy": "true",
            "url": "https://example.com/x.bin",
            "checksum": "00" * 32,
            "downgrade": downgrade,
            "paused": True,
        }
        for product, version, downgrade in [
            ("a", "1.9.0", "deny"),
            ("a", "1.10.0", "deny"),
            ("a", "1.8.0+build", "allow"),
            ("b", "3.0.0", "deny"),
        ]
    ]
    return Scan(Catalog.load({"updates": updates}))


@pytest.mark.parametrize(
    ("product", "version", "expected"),
    [
        ("a", "1.0.0", ["a-1.10.0", "a-1.9.0", "a-1.8.0+build"]),
        ("a", "1.8.0", ["a-1.10.0", "a-1.9.0"]),
        ("a", "1.9.0", ["a-1.10.0", "a-1.8.0+build"]),
        ("a", "2.0.0", ["a-1.8.0+build"]),
        ("b", "2.0.0", ["b-3.0.0"]),
        ("b", "3.0.0+x", []),
        ("c", "1.0.0", []),
    ],
)
def test_candidates_are_newer_or_an_allowed_downgrade(product: str, version: str, expected: list[str]) -> None:
    group = scan().groups.get(product)
    found = () if group is None else group.of(Version.parse(version).key)
    assert [update.id for update in found] == expected
