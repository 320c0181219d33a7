"""PL371: a comment swallows conditions that the document shows on lines below it, because the document folds the lines into one."""

from collections.abc import Iterator

from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject, PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.documents.model import Document, Path_
from policy_lang.source import Span
from policy_lang.suggest import shorten

_MARK = "//"


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report what stands below a `//` comment in the document, and in the policy behind it."""
    document = subject.catalog.document
    for index, policy in enumerate(subject.policies) if document is not None else ():
        path: Path_ = ("updates", index, "policy")
        swallowed = None if document is None else _swallowed(policy, path, document)
        if swallowed is not None:
            yield FoundInCatalog(
                f"`{shorten(policy.source.excerpt(swallowed))}` belongs to the comment above it, and is no condition",
                path,
                "the document makes one line of several: keep the lines, in YAML with `|` in place of `>`, or write `/* … */`",
                part=swallowed,
            )


def _swallowed(policy: PolicySubject, path: Path_, document: Document) -> Span | None:
    """The first text that a comment takes from a line below its own, and that is no comment there."""
    comments = [comment.span for comment in policy.comments if comment.text.startswith(_MARK)]
    offsets = document.text_offsets(path) if comments else None
    if offsets is None:
        return None
    text = policy.source.text
    for comment in comments:
        line = document.source.location(offsets[comment.start]).line
        for at in (at for at in range(*comment) if not text[at].isspace()):
            before, line = line, document.source.location(offsets[at]).line
            if line > before and not text.startswith(_MARK, at):
                return Span(at, comment.end)
    return None


RULE = CatalogRule(
    "PL371",
    "swallowed_condition",
    Category.ROLLOUT,
    Severity.ERROR,
    "a comment swallows the conditions below it",
    check=check,
)
