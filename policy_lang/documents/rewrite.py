"""Other texts in a document, and everything else as it is: comments, quotes, indentation, anchors.

The readers of the formats do not write. So a text is replaced where it stands, in its own style where that can hold the new one.
Each call proves its work: the result is read, and its value must be the old one with just these changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, assert_never

from policy_lang.documents.model import Document, Kind, Path_, field_name
from policy_lang.documents.problems import quote
from policy_lang.documents.quoted import json5_choices, json_choices, toml_choices
from policy_lang.documents.read import parse_document
from policy_lang.documents.yaml_styles import Choice, Splice, is_in_flow, yaml_choices
from policy_lang.errors import PolicyError
from policy_lang.source import Span


class RewriteError(ValueError):
    """A text cannot be replaced without changing something else.

    Attributes:
        message: what is in the way.
        help: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both sentences: lower case, without a final period."""
        super().__init__(message)
        self.message = message
        self.help = remedy


def replace_text(document: Document, path: Path_, text: str) -> str:
    r"""The source of a document with one text value replaced.

    Args:
        document: what was read.
        path: where the text stands.
        text: the new one. In YAML, one of several lines becomes a literal block where a block may stand.

    Returns:
        The whole source; apart from the text's own characters it is the old one.

    Raises:
        RewriteError: there is no text at the path, or the change would show somewhere else, because aliases share the text.

    >>> from policy_lang.documents.read import parse_document
    >>> document = parse_document("policy: device.pro === true # for now\n", "catalog.yaml", Kind.YAML)
    >>> replace_text(document, ("policy",), "device.pro == true")
    'policy: device.pro == true # for now\n'
    """
    return replace_texts(document, {path: text})


def replace_texts(document: Document, texts: Mapping[Path_, str]) -> str:
    """The source of a document with some text values replaced.

    Args:
        document: what was read.
        texts: the new text for each path.

    Returns:
        The whole source; apart from the characters of these texts it is the old one.

    Raises:
        RewriteError: as `replace_text`.
    """
    changes = sorted(_changes(document, texts), key=lambda change: document.spans[change.paths[0]])
    return _replace(document, changes).source.text


def holds_lines(document: Document, path: Path_) -> bool:
    """Whether a text of several lines can stand at a path as such: in TOML, and in YAML outside of braces and brackets."""
    return document.kind is Kind.TOML or (document.kind is Kind.YAML and not is_in_flow(document, path))


class _Change(NamedTuple):
    """A new text, and the paths that it has; aliases make several."""

    paths: tuple[Path_, ...]
    text: str


def _changes(document: Document, texts: Mapping[Path_, str]) -> Iterator[_Change]:
    """What has to change, each place once."""
    old = {path: _old(document, path) for path in texts}
    shared: dict[Span, list[Path_]] = {document.spans[path]: [] for path in texts if texts[path] != old[path]}
    for path, span in document.spans.items() if shared else ():
        if span in shared and isinstance(_value(document, path), str):
            shared[span].append(path)
    for paths in shared.values():
        given = next(path for path in texts if path in paths)
        for path in paths:
            if texts.get(path) != texts[given]:
                message = f"{_name(given)} is written together with {_name(path)}, by an alias, and cannot change alone"
                raise RewriteError(message, "write both out, without the alias")
        yield _Change(tuple(paths), texts[given])


def _old(document: Document, path: Path_) -> str:
    """The text at a path."""
    value = _value(document, path)
    if not isinstance(value, str) or path not in document.spans:
        raise RewriteError(f"there is no text at {_name(path)}", "check the path")
    return value


def _value(document: Document, path: Path_) -> Any:
    value = document.value
    for step in path:
        is_there = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
        if not is_there:
            return None
        value = value[step]
    return value


def _replace(document: Document, changes: list[_Change]) -> Document:
    """Make all changes at once, or, where the proof fails, half of them first: the later ones, which move nothing before them."""
    if not changes:
        return document
    first = [next(_choices(document, change)) for change in changes]
    if found := _proved(document, changes, first):
        return found
    if len(changes) == 1:
        return _replace_one(document, changes[0])
    half = len(changes) // 2
    return _replace(_replace(document, changes[half:]), changes[:half])


def _replace_one(document: Document, change: _Change) -> Document:
    """Try the other ways to write a text."""
    for choice in _choices(document, change):
        if found := _proved(document, [change], [choice]):
            return found
    raise RewriteError(f"the text of {_name(change.paths[0])} cannot be replaced where it stands", "change it by hand")


def _choices(document: Document, change: _Change) -> Iterator[Choice]:
    """The ways to write a text, best first."""
    path, text = change
    span = document.spans[path[0]]
    raw = document.source.excerpt(span)
    match document.kind:
        case Kind.YAML:
            yield from yaml_choices(document, path[0], text)
        case Kind.TOML:
            yield from ((Splice(span, written),) for written in toml_choices(raw, text))
        case Kind.JSON:
            yield from ((Splice(span, written),) for written in json_choices(raw, text))
        case Kind.JSON5:
            yield from ((Splice(span, written),) for written in json5_choices(raw, text))
        case _:
            assert_never(document.kind)


def _proved(document: Document, changes: Iterable[_Change], choices: Iterable[Choice]) -> Document | None:
    """The document after the changes, if it has just these."""
    texts = {path: change.text for change in changes for path in change.paths}
    written = _spliced(document.source.text, [splice for choice in choices for splice in choice])
    try:
        found = parse_document(written, document.source.name, document.kind)
    except PolicyError:
        return None
    return found if _is_same(found.value, _changed(document.value, texts, ())) else None


def _spliced(text: str, splices: list[Splice]) -> str:
    """The text with the splices in it, its line ends as they are elsewhere."""
    end = text.find("\n")
    ending = "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
    for span, written in sorted(splices, reverse=True):
        text = text[: span.start] + written.replace("\n", ending) + text[span.end :]
    return text


def _changed(value: Any, texts: Mapping[Path_, str], path: Path_) -> Any:
    """A copy of a value with other texts in it; the depth of a document is bounded."""
    match value:
        case dict():
            return {key: _changed(inner, texts, (*path, key)) for key, inner in value.items()}
        case list():
            return [_changed(inner, texts, (*path, at)) for at, inner in enumerate(value)]
        case _:
            return texts.get(path, value)


def _is_same(left: Any, right: Any) -> bool:
    """Whether two values are the same, type for type and in the same order."""
    if type(left) is not type(right):
        return False
    match left:
        case dict():
            return list(left) == list(right) and all(_is_same(left[key], right[key]) for key in left)
        case list():
            return len(left) == len(right) and all(map(_is_same, left, right))
        case _:
            return bool(left == right)


def _name(path: Path_) -> str:
    return quote(field_name(path)) if path else "the top of the document"
