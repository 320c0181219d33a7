"""Which files are tests of policies, and where the files that they name are."""

import os
import re
from pathlib import Path

from policy_lang.documents.read import read_document, read_text
from policy_lang.errors import PolicyError
from policy_lang.suggest import nearest

SUBJECTS = ("policy", "catalog", "expression")
"""The keys that say what a file tests; it has exactly one of them."""

SUFFIXES = (".test.yaml", ".test.yml", ".test.json", ".test.json5", ".test.toml")
"""How the names of test files end."""

_MENTIONS = re.compile(r"\bcases\b")


def has_test_name(path: Path) -> bool:
    """Whether a file is a test by its name: `regional.test.yaml`."""
    return path.name.lower().endswith(SUFFIXES)


def is_test(path: Path) -> bool:
    """Whether a file that nobody named is a test of a policy: by its name, and by what is in it.

    Other tools have files of such names too; a test of ours has `cases`, and a key that says what it tests. A slip of the pen must
    not switch a test off, so keys that are nearly right count, and a file that does not parse does if `cases` is in it.
    """
    if not has_test_name(path):
        return False
    try:
        value = read_document(path).value
    except PolicyError:
        return _mentions_cases(path)
    return isinstance(value, dict) and all(any(nearest(key, names) for key in value) for names in (("cases",), SUBJECTS))


def locate(folder: Path, name: str) -> Path:
    """The file that a test file names, by the shortest path that leads there."""
    path = folder / name
    short = Path(os.path.normpath(path))
    is_same = os.path.exists(path) and os.path.exists(short) and os.path.samefile(path, short)  # noqa: PTH110, PTH121  see below
    return short if is_same else path  # `os.path` answers also for names that no file can have, `Path` raises


def _mentions_cases(path: Path) -> bool:
    try:
        return _MENTIONS.search(read_text(path)) is not None
    except PolicyError:
        return True
