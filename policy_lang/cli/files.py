"""The files that a command is about: policies and catalogs, named one by one or found in folders."""

import os
from collections.abc import Iterator
from pathlib import Path

from policy_lang.cli.exits import MisuseError
from policy_lang.documents.files import read_text
from policy_lang.documents.problems import quote
from policy_lang.documents.read import read_document
from policy_lang.errors import PolicyError

POLICY_SUFFIX = ".policy"
CATALOG_SUFFIXES = frozenset({".yaml", ".yml", ".toml", ".json", ".json5"})


def walk_files(folder: Path) -> Iterator[Path]:
    """The files below a folder, sorted; what is hidden is passed over, links to folders are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(root, name) for name in sorted(names) if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def is_policy(path: Path) -> bool:
    """Whether a file is a policy, by its name."""
    return path.suffix.lower() == POLICY_SUFFIX


def is_catalog(path: Path) -> bool:
    """Whether a file that nobody named is a catalog: it has `updates`, or does not parse and has that word in it."""
    if path.suffix.lower() not in CATALOG_SUFFIXES:
        return False
    try:
        value = read_document(path).value
    except PolicyError:
        return _mentions_updates(path)
    return isinstance(value, dict) and "updates" in value


def is_repeated(path: Path, seen: set[Path]) -> bool:
    """Whether a file was given before, by this name or another or inside a folder; from now on it was."""
    real = path.resolve()
    is_known = real in seen
    seen.add(real)
    return is_known


def neither(path: Path) -> MisuseError:
    """What to raise for a file that is neither a policy nor a catalog, by its name."""
    remedy = "name a policy `.policy`, a catalog `.yaml`, `.yml`, `.toml`, `.json` or `.json5`"
    return MisuseError(f"{quote(str(path))} is neither a policy nor a catalog", remedy)


def _mentions_updates(path: Path) -> bool:
    try:
        return "updates" in read_text(path)
    except PolicyError:
        return True
