"""Devices from files: one in a document of its own, or a fleet as NDJSON, one device a line."""

from collections.abc import Iterator
from typing import IO, Any

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.files import AnyPath
from policy_lang.documents.lines import Line, read_lines
from policy_lang.documents.read import read_document
from policy_lang.errors import DeviceFileError
from policy_lang.types.decode import describe


def load_device(path: AnyPath) -> dict[str, Any]:
    """Read one device, such as the `device.json5` that an agent keeps.

    Args:
        path: a JSON, JSON5, YAML or TOML file; its suffix says which.

    Returns:
        The properties of the device, as plain values.

    Raises:
        DeviceFileError: the file cannot be read or parsed, or is not an object (PL511).

    Source: docs/spec.md, "Devices".
    """
    document = read_document(path, error=DeviceFileError)
    if isinstance(document.value, dict):
        return document.value
    message = f"a device is an object, not {describe(document.value)}"
    label = Label(document.span(()))
    raise DeviceFileError(
        [Diagnostic("PL511", message, document.source, label, help="write its properties, for example `{id: '7'}`")]
    )


def read_devices(stream: IO[bytes] | AnyPath, name: str | None = None) -> Iterator[Line]:
    """Read a fleet as NDJSON, line by line in bounded memory.

    Args:
        stream: a binary stream, or the path of a file.
        name: what findings call it; without one, the path or the stream's own name.

    Yields:
        A `Line` for each line that is not blank: its number, and its device or what is wrong with it.

    Raises:
        DeviceFileError: the file cannot be opened or read (PL501).

    Source: docs/spec.md, "Devices".
    """
    return read_lines(stream, name, error=DeviceFileError)
