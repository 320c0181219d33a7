"""What the readers of YAML and JSON build: values that remember where they were written."""

from typing import Any, NamedTuple

from policy_lang.documents.model import Path_
from policy_lang.documents.problems import Problems
from policy_lang.source import Span


class Node:
    """A value as it was written; `parts` is empty for anything but a list or an object.

    Attributes:
        start, end: the span, in offsets.
        value: the plain value; a list or an object fills while it is read.
        parts: the values inside, in the order of the text.
        size: how many values it counts for, repeats included.
        height: how many levels of lists and objects it has.
    """

    __slots__ = ("end", "height", "parts", "size", "start", "value")

    def __init__(self, value: object, start: int, end: int) -> None:
        """Start with a span and no parts."""
        self.value: Any = value
        self.start = start
        self.end = end
        self.parts: list[Part] = []
        self.size = 1
        self.height = 0


class Key(NamedTuple):
    """A key as it was written."""

    text: str
    start: int
    end: int


class Part(NamedTuple):
    """A value inside a list or an object: where it stands, its key if it has one, and itself."""

    step: str | int
    key: Key | None
    node: Node


def append(parent: Node, child: Node) -> None:
    """Put a value at the end of a list."""
    parent.parts.append(Part(len(parent.parts), None, child))
    parent.value.append(child.value)


def put(parent: Node, key: Key, child: Node, problems: Problems) -> None:
    """Put a member into an object; a key that it has already is a finding."""
    if key.text in parent.value and not problems.is_full:
        first = next(part.key for part in parent.parts if part.step == key.text and part.key is not None)
        problems.add_duplicate(key.text, Span(first.start, first.end), Span(key.start, key.end))
    parent.parts.append(Part(key.text, key, child))
    parent.value[key.text] = child.value


def positions(root: Node) -> tuple[dict[Path_, Span], dict[Path_, Span]]:
    """The spans of all values and of all keys, by path."""
    spans: dict[Path_, Span] = {}
    keys: dict[Path_, Span] = {}
    pending: list[tuple[Path_, Node]] = [((), root)]
    while pending:
        path, node = pending.pop()
        spans[path] = Span(node.start, node.end)
        for part in node.parts:
            inner = (*path, part.step)
            if part.key is not None:
                keys[inner] = Span(part.key.start, part.key.end)
            pending.append((inner, part.node))
    return spans, keys
