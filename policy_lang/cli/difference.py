"""The difference of two texts, as `patch` takes it."""

from collections.abc import Iterator
from difflib import unified_diff

from policy_lang.cli.output import BAD, GOOD, QUIET, STRONG, Output, Styled

_STYLES = {"---": STRONG, "+++": STRONG, "@@ ": QUIET}
_LINES = {"-": BAD, "+": GOOD}


def write_difference(output: Output, name: str, old: str, new: str) -> None:
    """Write what changes in a file: in colours for people, byte for byte for programs."""
    for line in _difference(name, old, new):
        if output.is_terminal:
            output.line(Styled(line.removesuffix("\n"), _STYLES.get(line[:3]) or _LINES.get(line[:1], "")))
        else:
            output.text(line)


def _difference(name: str, old: str, new: str) -> Iterator[str]:
    """The lines of a unified diff; a last line without an end is followed by the mark of that."""
    path = name.lstrip("/")
    for line in unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])
