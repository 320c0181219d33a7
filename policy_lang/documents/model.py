"""What a document is: plain values, and the place of every field in the text."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from json import dumps
from typing import Any, TypeAlias

from policy_lang.documents.align import align
from policy_lang.source import Source, Span

Path_: TypeAlias = tuple[str | int, ...]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Kind(StrEnum):
    """The formats of a document."""

    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    JSON5 = "json5"


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read.

    Attributes:
        value: plain values: objects, lists, text, numbers, `True`, `False`, `None`; treat them as read-only, because a YAML
            alias shares them.
        source: the whole text, and the name of its file.
        spans: the span of the value at each path; `()` is the whole value. A YAML alias has the span of what it repeats.
        key_spans: the span of the key for each member of an object.
        kind: the format that it was written in.
    """

    value: Any
    source: Source
    spans: Mapping[Path_, Span]
    key_spans: Mapping[Path_, Span]
    kind: Kind

    def span(self, path: Path_) -> Span:
        """The span of the value at a path, or of the nearest value around it where nothing was written."""
        while path and path not in self.spans:
            path = path[:-1]
        return self.spans.get(path, Span(0, 0))

    def first_line(self, path: Path_) -> Span:
        """The span of the value at a path, cut at the end of its first line."""
        start, end = self.span(path)
        line_end = self.source.text.find("\n", start, end)
        return Span(start, end if line_end < 0 else line_end)

    def key_span(self, path: Path_) -> Span:
        """The span of the key at a path, or of the value where it has no key."""
        return self.key_spans[path] if path in self.key_spans else self.span(path)

    def text_offsets(self, path: Path_) -> tuple[int, ...] | None:
        """Where each character of a text value was written, so that a finding inside the text can be pointed at.

        Returns:
            One offset into `source.text` for each character, and one more for the end of the text; None where the value is not
            text or cannot be aligned with what was written.
        """
        value: Any = self.value
        for step in path:
            if not _has(value, step):
                return None
            value = value[step]
        if not isinstance(value, str) or path not in self.spans:
            return None
        return align(self.source.text, self.spans[path], value)


class LazySpans(Mapping[Path_, Span]):
    """Spans that are worked out at the first question: most documents are right and nobody asks."""

    __slots__ = ("_load",)

    def __init__(self, load: Callable[[], Mapping[Path_, Span]]) -> None:
        """Keep the way to the spans; `load` remembers its own answer."""
        self._load = load

    def __getitem__(self, path: Path_) -> Span:
        """The span at a path."""
        return self._load()[path]

    def __iter__(self) -> Iterator[Path_]:
        """The paths."""
        return iter(self._load())

    def __len__(self) -> int:
        """How many paths there are."""
        return len(self._load())


def field_name(path: Path_) -> str:
    """A path as people write it.

    >>> field_name(("updates", 3, "policy"))
    'updates[3].policy'
    >>> field_name(("schema", "a b"))
    'schema["a b"]'
    """
    return "".join(map(_step, path)).removeprefix(".")


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _NAME.fullmatch(step) else f"[{dumps(step, ensure_ascii=not step.isprintable())}]"


def _has(value: object, step: str | int) -> bool:
    """Whether a value has a part of that name or number."""
    if isinstance(step, int):
        return isinstance(value, list) and 0 <= step < len(value)
    return isinstance(value, dict) and step in value
