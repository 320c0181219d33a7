"""What can be wrong with a compiled catalog."""

from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import CatalogError
from policy_lang.source import Source

AGAIN = "compile the catalog again, with `policy compile`"


class WrongFormError(ValueError):
    """A part of a compiled catalog is not what the writer writes; the message says which."""


def refusal(name: str, message: str, remedy: str = AGAIN) -> CatalogError:
    """The error of a compiled catalog that cannot be used, or of a catalog that cannot be compiled.

    Args:
        name: what to call the file.
        message: the cause.
        remedy: what to do about it.
    """
    return CatalogError([Diagnostic("PL513", message, Source("", name), help=remedy)])
