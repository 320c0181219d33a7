"""What an import came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class PropertyReport:
    """One property.

    Attributes:
        name: its dotted path without the root, which is the name of its column.
        type: what it is stored as, in the words of the language.
        present: how many devices sent it.
        unknown: how many of these sent something that is none of that type, which is unknown to every policy.
        examples: some of these values, as people call them.
        kinds: how many values are of which kind, where the type was inferred; empty where it was declared.
    """

    name: str
    type: str
    present: int
    unknown: int
    examples: tuple[str, ...]
    kinds: Mapping[str, int]

    def to_plain(self) -> dict[str, Any]:
        """The property as JSON values."""
        return {
            "name": self.name,
            "type": self.type,
            "present": self.present,
            "unknown": self.unknown,
            "examples": list(self.examples),
            "kinds": dict(self.kinds),
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A fleet that was imported, or was not because the import is strict.

    Attributes:
        path: the Parquet file.
        devices: how many devices it holds.
        rejected: how many documents are no devices.
        rejected_path: the file with these; None where there are none.
        duplicates: how many devices have an `id` that an earlier one has; they are kept.
        duplicate_ids: some of these ids.
        ignored: how many devices sent a property that the schema does not declare, by its name; the first ones only.
        properties: what became of each property, in the order of the columns.
        is_written: whether the file was put in place.
    """

    path: Path
    devices: int
    rejected: int
    rejected_path: Path | None
    duplicates: int
    duplicate_ids: tuple[str, ...]
    ignored: Mapping[str, int]
    properties: tuple[PropertyReport, ...]
    is_written: bool

    @property
    def conflicts(self) -> tuple[PropertyReport, ...]:
        """The properties of which some values are unknown, those with most of them first."""
        return tuple(sorted((each for each in self.properties if each.unknown), key=lambda each: -each.unknown))

    def to_plain(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "file": str(self.path),
            "written": self.is_written,
            "devices": self.devices,
            "rejected": self.rejected,
            "rejected_file": None if self.rejected_path is None else str(self.rejected_path),
            "duplicates": self.duplicates,
            "duplicate_ids": list(self.duplicate_ids),
            "ignored": dict(self.ignored),
            "properties": [each.to_plain() for each in self.properties],
        }
