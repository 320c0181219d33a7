"""The libraries that the fleet needs and nothing else does."""

from importlib.util import find_spec

INSTALL = "pip install 'policy-lang[fleet]'"
"""How to get them."""


class MissingExtraError(ImportError):
    """A library of the extra `fleet` is not installed.

    Attributes:
        library: its name.
        remedy: what to do.
    """

    def __init__(self, library: str) -> None:
        """Name the library."""
        super().__init__(f"the fleet needs {library}, which is not installed: {INSTALL}", name=library)
        self.library = library
        self.remedy = f"run `{INSTALL}`"


def require(*libraries: str) -> None:
    """Say what is missing before something fails in the middle.

    Args:
        libraries: the names of modules.

    Raises:
        MissingExtraError: one of them is not installed.

    >>> require("json")
    """
    for library in libraries:
        if find_spec(library) is None:
            raise MissingExtraError(library)
