"""Write files so that nobody ever reads half of one."""

import os
from codecs import BOM_UTF8
from pathlib import Path
from tempfile import NamedTemporaryFile

from policy_lang.cli.exits import MisuseError
from policy_lang.documents.problems import quote


def replace_file(path: Path, text: str) -> None:
    """Put another text into a file that is there: all of it or nothing. Its permissions stay, and a byte order mark does.

    Raises:
        MisuseError: the file cannot be written.
    """
    target = path.resolve()
    try:
        mark = BOM_UTF8 if target.read_bytes().startswith(BOM_UTF8) else b""
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            file.write(mark + text.encode())
        Path(file.name).chmod(target.stat().st_mode)
        os.replace(file.name, target)  # noqa: PTH105  the same, and `Path.replace` reads like one of text
    except OSError as error:
        raise MisuseError(f"{quote(str(path))} cannot be written: {error.strerror}", "check its permissions and the disk") from None
