"""The exceptions of the library; each carries the findings that caused it."""

from collections.abc import Iterable

from policy_lang.diagnostics.model import Diagnostic, in_order
from policy_lang.diagnostics.text import render


class PolicyError(ValueError):
    """A text or a document is not usable; `diagnostics` says why and is never empty.

    Attributes:
        diagnostics: every finding of the stage that failed, in the order of the text.
    """

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep the findings in the order of the text."""
        self.diagnostics = in_order(diagnostics)
        if not self.diagnostics:
            raise ValueError("an error needs at least one diagnostic")
        super().__init__("\n".join(map(render, self.diagnostics)))

    def __reduce__(self) -> tuple[type["PolicyError"], tuple[tuple[Diagnostic, ...]]]:
        """Pickle by the findings, so that worker processes can raise across their boundary."""
        return (type(self), (self.diagnostics,))


class PolicySyntaxError(PolicyError):
    """The text is not a policy: it does not parse, or is over a limit."""


class PolicyTypeError(PolicyError):
    """The policy parses and does not make sense: unknown names, or types that do not fit."""


class SchemaError(PolicyError):
    """The schema is not a JSON Schema that the library can use."""


class CatalogError(PolicyError):
    """The catalog is not valid; no part of it is used."""


class DeviceFileError(PolicyError):
    """A device file, or one line of a fleet file, cannot be read."""
