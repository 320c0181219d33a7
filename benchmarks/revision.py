"""Another revision of the package beside this one, so that the benchmarks of today can run against it."""

import io
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def git(*arguments: str) -> bytes:
    """What git says about this checkout."""
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603, S607  the user's own


def interpreter_of(revision: str, folder: Path) -> Path:
    """A Python that imports the package as it was at a revision, and everything else as this one does.

    Args:
        revision: whatever git understands.
        folder: an empty folder; all of it may be removed afterwards, git knows nothing of it.
    """
    checkout, environment = folder / "checkout", folder / "venv"
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", revision, "policy_lang", "grammar"))) as archive:
        archive.extractall(checkout, filter="data")
    venv.create(environment, with_pip=False, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "revision.pth").write_text(f"{checkout}\n{sysconfig.get_path('purelib')}\n")
    python = environment / "bin" / "python"
    command = [str(python), "-I", "-c", "import policy_lang; print(policy_lang.__file__)"]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()  # noqa: S603  our own code
    if not found or not Path(found).is_relative_to(checkout):
        sys.exit(f"the package cannot be imported as it was at {revision}")
    return python
