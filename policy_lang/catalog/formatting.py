"""The policies of a catalog in their canonical layout, and the rest of the catalog as it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

from policy_lang.catalog.findings import relocate
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.documents.model import Document, Path_
from policy_lang.documents.rewrite import holds_lines, replace_texts
from policy_lang.errors import CatalogError, PolicyError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Span
from policy_lang.syntax.formatter import DEFAULT_WIDTH, UNBOUNDED, format_policy

_AROUND = len(": ''")
_NARROWEST = 20


def format_catalog(document: Document, *, width: int = DEFAULT_WIDTH, options: Options = DEFAULT_OPTIONS) -> str:
    """The text of a catalog with its policies in their canonical layout.

    A policy that fits stays on its line; one that does not becomes a block in YAML, and takes several lines in TOML. Where there
    are no such texts, as in JSON, it stays on one line, and one with `//` comments stays as it is.

    Args:
        document: the catalog.
        width: how long a line may be, with what stands before the policy.
        options: the limits of policies.

    Returns:
        The whole text; apart from the policies it is the old one.

    Raises:
        CatalogError: a policy has syntax errors; each finding has the field and the place.
        RewriteError: a policy cannot be changed alone.
        FormatterFaultError: through a fault of ours.

    Source: docs/format.md, "Catalogs".
    """
    written: dict[Path_, str] = {}
    shared: dict[Span | Path_, str] = {}
    findings: list[Diagnostic] = []
    formatted = cache(partial(format_policy, options=options))  # many updates have the same policy
    for path, text in policies_of(document):
        place = document.spans.get(path, path)  # aliases share a place, and so its indentation
        try:
            if place not in shared:
                shared[place] = _format(document, path, text, width, formatted)
            written[path] = shared[place]
        except PolicyError as error:
            findings += (relocate(replace(each, source=None), path, document) for each in error.diagnostics)
    if findings:
        raise CatalogError(findings)
    return replace_texts(document, written)


def policies_of(document: Document) -> Iterator[tuple[Path_, str]]:
    """Where the policies of a catalog stand, and their texts; whatever else is wrong with it."""
    updates = document.value.get("updates") if isinstance(document.value, dict) else None
    for number, update in enumerate(updates if isinstance(updates, list) else ()):
        policy = update.get("policy") if isinstance(update, dict) else None
        if isinstance(policy, str):
            yield ("updates", number, "policy"), policy


def _format(document: Document, path: Path_, text: str, width: int, formatted: Callable[..., str]) -> str:
    """One policy, in the room between its key and the margin."""
    if holds_lines(document, path):
        return formatted(text, width=max(_NARROWEST, width - _column_after(document, path)))
    written = formatted(text.strip(), width=UNBOUNDED)
    return text if "\n" in written else written


def _column_after(document: Document, path: Path_) -> int:
    """Where a policy starts that stands beside its key."""
    end = document.key_span(path).end
    return end - document.source.text.rfind("\n", 0, end) - 1 + _AROUND
