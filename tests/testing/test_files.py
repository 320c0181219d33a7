from pathlib import Path

import pytest

from policy_lang.testing.files import is_test, locate


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.test.yaml", "policy: a.policy\ncases: []\n", True),
        ("A.TEST.YML", "catalog: a.yaml\ncases:\n", True),
        ("a.test.json", '{"expression": "true", "cases": []}', True),
        ("a.test.yaml", "polciy: a.policy\ncases: []\n", True),
        ("a.test.yaml", "policy: a.policy\ncase: []\n", True),
        ("a.test.yaml", "policy: a.policy\ncases: [\n", True),
        ("a.test.yaml", "policy: a.policy\n", False),
        ("a.test.yaml", "suite: x\ncases: []\n", False),
        ("a.test.yaml", "- policy\n- cases\n", False),
        ("a.test.json", "{", False),
        ("a.yaml", "policy: a.policy\ncases: []\n", False),
        ("a.test.txt", "policy: a.policy\ncases: []\n", False),
    ],
)
def test_what_is_a_test(name: str, text: str, expected: bool, tmp_path: Path) -> None:  # noqa: FBT001
    (tmp_path / name).write_text(text)
    assert is_test(tmp_path / name) is expected


def test_what_is_no_text_is_taken_for_a_test(tmp_path: Path) -> None:
    (tmp_path / "a.test.yaml").write_bytes(b"\xff")
    assert is_test(tmp_path / "a.test.yaml")


def test_a_path_is_shown_without_detours(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.policy").touch()
    assert locate(tmp_path / "inner", "../a.policy") == tmp_path / "a.policy"


def test_a_detour_through_a_link_is_kept(tmp_path: Path) -> None:
    """`link/..` is the folder above the target, not the one that holds the link."""
    (tmp_path / "far" / "inner").mkdir(parents=True)
    (tmp_path / "far" / "a.policy").touch()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "inner")
    found = locate(tmp_path / "link", "../a.policy")
    assert found.exists()
    assert found == tmp_path / "link" / ".." / "a.policy"


@pytest.mark.parametrize("name", ["none.policy", "a\x00b", "a" * 5000])
def test_names_that_no_file_has(name: str, tmp_path: Path) -> None:
    assert locate(tmp_path, name) == tmp_path / name
