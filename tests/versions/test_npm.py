import json
from pathlib import Path
from typing import Any

import pytest

from policy_lang.versions.npm import MAX_ALTERNATIVES, MAX_LENGTH, parse_range
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import Version

FACTS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "node_semver_ranges.json").read_text("ascii"))


def test_ranges_hold_what_node_semver_says() -> None:
    versions = [Version.parse(text) for text in FACTS["versions"]]
    wrong = []
    for text, expected in FACTS["satisfied"].items():
        versions_in = VersionRange.parse(text)
        bits = "".join("1" if version in versions_in else "0" for version in versions)
        if f"{int(bits, 2):0{len(expected)}x}" != expected:
            wrong.append((text, str(versions_in)))
    assert wrong == []


@pytest.mark.parametrize("text", FACTS["invalid"])
def test_what_node_semver_rejects_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version range: "):
        VersionRange.parse(text)


@pytest.mark.parametrize("text", FACTS["accepted_by_accident"])
def test_what_node_semver_accepts_by_accident_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a comparator such as "):
        VersionRange.parse(text)


@pytest.mark.parametrize("text", FACTS["rejected_for_size"])
def test_numbers_may_have_any_size(text: str) -> None:
    assert not VersionRange.parse(text).is_empty


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1.2.3", "1.2.3"),
        ("=v1.2.3+build", "1.2.3"),
        ("1.2", ">=1.2.0-0 <1.3.0-0"),
        ("1.x", ">=1.0.0-0 <2.0.0-0"),
        ("x", "*"),
        ("", "*"),
        (">1.2.3", ">1.2.3"),
        (">1.2", ">=1.3.0-0"),
        (">=1", ">=1.0.0-0"),
        ("<1.2", "<1.2.0-0"),
        ("<=1.2", "<1.3.0-0"),
        ("<=1.2.3", "<=1.2.3"),
        (">*", "<0.0.0-0"),
        ("<x", "<0.0.0-0"),
        (">=X", "*"),
        ("^1.2.3", ">=1.2.3 <2.0.0-0"),
        ("^0.2.3", ">=0.2.3 <0.3.0-0"),
        ("^0.0.3", "0.0.3"),
        ("^0.0.3-beta", ">=0.0.3-beta <=0.0.3"),
        ("^0.0", ">=0.0.0-0 <0.1.0-0"),
        ("^0", ">=0.0.0-0 <1.0.0-0"),
        ("^*", "*"),
        ("~1.2.3-rc.1", ">=1.2.3-rc.1 <1.3.0-0"),
        ("~> 1.2", ">=1.2.0-0 <1.3.0-0"),
        ("~0", ">=0.0.0-0 <1.0.0-0"),
        ("~x", "*"),
        ("1.2.3 - 2.3.4", ">1.2.2 <=2.3.4"),
        ("1.2.3-rc.1 - 2.3", ">=1.2.3-rc.1 <2.4.0-0"),
        ("* - 2", "<3.0.0-0"),
        ("1 - *", ">=1.0.0-0"),
        (">=1.0.0 <1.0.0", "<0.0.0-0"),
        (f"^{'9' * 100}", f">={'9' * 100}.0.0-0 <1{'0' * 100}.0.0-0"),
    ],
)
def test_each_form_is_an_interval(text: str, canonical: str) -> None:
    # The text of a range leaves out a low end that is the least version.
    assert str(VersionRange.parse(text)) == canonical.removeprefix(">=0.0.0-0 ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("latest", "`latest` is not a version range: `latest` is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`"),
        (">=1.2.0, <2", "`>=1.2.0, <2` is not a version range: `>=1.2.0,` is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`"),
        ("1 || >", "`1 || >` is not a version range: `>` is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`"),
        ("==1.2.3 2", "`==1.2.3 2` is not a version range: `==1.2.3` is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`"),
        ("1.x.3", "`1.x.3` is not a version range: `1.x.3` is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`"),
        ("=1.2.3 - 2", "`=1.2.3 - 2` is not a version range: `=1.2.3 - 2` is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`"),
    ],
)
def test_a_message_names_the_first_wrong_comparator(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="version range") as caught:
        VersionRange.parse(text)
    assert str(caught.value) == message


def test_the_length_is_limited() -> None:
    assert VersionRange.parse("1.2.3".ljust(MAX_LENGTH)) == VersionRange.parse("1.2.3")
    with pytest.raises(ValueError, match="is not a version range: it is longer than 256 characters"):
        VersionRange.parse("1.2.3".ljust(MAX_LENGTH + 1))


def test_the_number_of_alternatives_is_limited() -> None:
    assert len(parse_range("||".join("1" * MAX_ALTERNATIVES))) == MAX_ALTERNATIVES
    with pytest.raises(ValueError, match="is not a version range: it has more than 64 alternatives"):
        VersionRange.parse("||".join("1" * (MAX_ALTERNATIVES + 1)))
