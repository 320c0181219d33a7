"""The documents that are no devices, each on a line of a file of its own, with the reason."""

import json
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from policy_lang.fleet.importing.records import Record
from policy_lang.fleet.importing.target import replacing

_LONGEST: Final = 65_536


class Rejects:
    """Collects rejected documents on the disk, and puts their file in place at the end.

    Attributes:
        count: how many there are.
    """

    def __init__(self, folder: Path) -> None:
        """Start without any.

        Args:
            folder: where they are kept meanwhile.
        """
        self.count = 0
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  it lives as long as the collection

    def add(self, name: str, record: Record, reason: str) -> None:
        """Keep one; a very long text is cut."""
        text = record.raw[:_LONGEST].decode(errors="replace")
        row: dict[str, Any] = {"file": name, "line": record.line, "reason": reason, "text": text}
        if len(record.raw) > _LONGEST or record.is_cut:
            row["cut"] = True
        self._file.write(json.dumps(row).encode() + b"\n")
        self.count += 1

    def put(self, target: Path) -> Path | None:
        """Put the file in place; where there is none to keep, that of an earlier import is removed."""
        if not self.count:
            target.unlink(missing_ok=True)
            return None
        self._file.seek(0)
        with replacing(target) as file:
            while chunk := self._file.read(_LONGEST):
                file.write(chunk)
        return target

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()
