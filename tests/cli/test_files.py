import os
from pathlib import Path

import pytest

from policy_lang.cli.files import is_catalog, is_policy, walk_files


def test_hidden_files_links_to_folders_and_pipes_are_passed_over(tmp_path: Path) -> None:
    for name in ("b/.hidden/x.policy", ".x.policy", "b/c/y.policy", "a.policy"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "b")
    (tmp_path / "z.policy").symlink_to(tmp_path / "a.policy")
    os.mkfifo(tmp_path / "pipe.policy")
    assert [str(path.relative_to(tmp_path)) for path in walk_files(tmp_path)] == ["a.policy", "z.policy", "b/c/y.policy"]


def test_a_policy_is_known_by_its_name() -> None:
    assert is_policy(Path("a.POLICY"))
    assert not is_policy(Path("policy"))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", b"updates: 7", True),
        ("a.YML", b"updates: []", True),
        ("a.json5", b"{updates: [], }", True),
        ("a.toml", b"[[updates]]", True),
        ("a.yaml", b"update: 7", False),
        ("a.json", b"[1]", False),
        ("a.txt", b"updates: 7", False),
        ("a.json", b'{"updates": [}', True),
        ("a.json", b"{", False),
        ("a.json", b"\xff", True),
    ],
)
def test_a_catalog_has_updates_or_may_have(name: str, text: bytes, expected: bool, tmp_path: Path) -> None:  # noqa: FBT001
    (tmp_path / name).write_bytes(text)
    assert is_catalog(tmp_path / name) is expected
