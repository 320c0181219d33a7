"""YAML with positions: PyYAML reads the events, we build the values.

The events come from libyaml where PyYAML has it. We build without recursion, by the core schema of YAML 1.2 and nothing more: no
tags of programs, no merge keys, keys are text. Aliases share values, and are bounded, because nine lines of them can stand for a
thousand million values.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NoReturn

import yaml

from policy_lang.documents.model import Document, Kind, LazySpans
from policy_lang.documents.nodes import Key, Node, append, positions, put
from policy_lang.documents.problems import MAX_DEPTH, Problems, quote
from policy_lang.documents.yaml_errors import fail_yaml
from policy_lang.documents.yaml_scalars import Scalar, ScalarError, convert, resolve
from policy_lang.source import Span

MAX_VALUES = 1_000_000
"""How many values a document may have, each alias counted as all that it repeats."""

MAX_REPEATS = 100
"""How many times as many values as it writes a document may have."""

_CORE = "tag:yaml.org,2002:"
_SCALARS = {f"{_CORE}{name}": name for name in ("str", "int", "float", "bool", "null")} | {"!": "str"}
_FORBIDDEN = re.compile("\\A\ufeff|[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\n]*)*)*")
_TAG = re.compile(r"!\S*")
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(problems: Problems) -> Document:
    """Read YAML, or raise with what is wrong."""
    source = problems.source
    if bad := _FORBIDDEN.search(source.text):
        remedy = "write it as an escape in double quotes"
        problems.fail("PL502", f"the character {quote(bad[0])} is not allowed in YAML", Span(*bad.span()), remedy=remedy)
    root = _Composer(problems).compose()
    problems.check()
    tables = cache(lambda: positions(root))
    return Document(root.value, source, LazySpans(lambda: tables()[0]), LazySpans(lambda: tables()[1]), Kind.YAML)


def _events(problems: Problems) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(problems.source.text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # PyYAML without libyaml lets some conversions fail
        fail_yaml(error, problems)


class _Composer:
    """Builds values from events; `open` are the lists and objects that have not ended, `keys` their keys without a value."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.root = Node(None, 0, 0)
        self.open: list[Node] = []
        self.keys: list[Key | None] = []
        self.anchors: dict[str, Node] = {}
        self.documents = self.written = self.total = 0
        self.last = 0

    def compose(self) -> Node:
        for event in _events(self.problems):
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.CollectionStartEvent():
                    self._start(event)
                case yaml.CollectionEndEvent():
                    self._end(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.DocumentStartEvent():
                    self._document(_span(event))
                case _:
                    pass  # the ends of documents and the stream
        if self.total > MAX_REPEATS * self.written:
            self._fail_repeats(Span(self.root.start, self.root.end))
        return self.root

    def _document(self, span: Span) -> None:
        self.documents += 1
        if self.documents > 1:
            self.problems.fail("PL502", "a second document starts here", span, remedy="keep one document in a file")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        span = self._inside(event)
        value = self._value(event, span)
        self.last = span.end
        node = Node(value, span.start, span.end)
        self._anchor(event, node)
        if self._is_key():
            self._key(event, node)
        else:
            self._place(node, 1)

    def _value(self, event: yaml.ScalarEvent, span: Span) -> Scalar:
        """What a scalar means; where that fails, a finding, and the text itself."""
        try:
            if event.tag is None:
                return resolve(event.value) if event.implicit[0] else event.value
            if event.tag in _SCALARS:
                return convert(event.value, _SCALARS[event.tag])
            self._bad_tag(event)
        except ScalarError as error:
            self.problems.add("PL502", str(error), span)
        return event.value

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        span = self._inside(event)
        if self._is_key():
            self.problems.fail("PL502", "a list or an object cannot be a key", span, remedy="keys are text")
        is_object = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_CORE}{'map' if is_object else 'seq'}"):
            self._bad_tag(event)
        node = Node({} if is_object else [], span.start, span.end)
        self._anchor(event, node)
        self._place(node, 1)
        self.open.append(node)
        self.keys.append(None)
        if len(self.open) > MAX_DEPTH:
            self.problems.fail_depth(span)

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        node = self.open.pop()
        self.keys.pop()
        start, end = _span(event)
        self.last = max(self.last, end if start < end else node.start)
        node.end = self.last
        node.size += sum(part.node.size for part in node.parts)
        node.height = 1 + max((part.node.height for part in node.parts), default=0)

    def _alias(self, event: yaml.AliasEvent) -> None:
        span = _span(event)
        self.last = span.end
        shown = self.problems.source.excerpt(span)
        node = self.anchors.get(shown.removeprefix("*"))
        if node is None:
            self.problems.fail("PL502", f"the alias {quote(shown)} repeats nothing that stands before it", span)
        if any(node is outer for outer in self.open):
            self.problems.fail("PL502", f"the alias {quote(shown)} stands inside what it repeats", span)
        if len(self.open) + node.height > MAX_DEPTH:
            self.problems.fail_depth(span)
        if not self._is_key():
            self._place(node, node.size)
        else:
            self.keys[-1] = Key(node.value if isinstance(node.value, str) else shown, *span)
            if not isinstance(node.value, str):
                self._bad_key(span)
        if self.total > MAX_VALUES:
            self._fail_repeats(span)

    def _is_key(self) -> bool:
        """Whether a key comes next."""
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.keys[-1] is None

    def _key(self, event: yaml.ScalarEvent, node: Node) -> None:
        span = Span(node.start, node.end)
        self.keys[-1] = Key(event.value, *span)
        if not isinstance(node.value, str):
            self._bad_key(span)
        elif event.implicit[0] and event.value == "<<":
            self.problems.add(
                "PL502", "merge keys `<<` are not allowed", span, remedy="write the fields out, or use an alias as a value"
            )

    def _bad_key(self, span: Span) -> None:
        shown = quote(self.problems.source.excerpt(span))
        self.problems.add("PL502", f"the key {shown} is not text", span, remedy="put the key in quotes")

    def _bad_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        """Note a tag that is not of the core schema, or is on a value of another kind."""
        found = _TAG.search(self.problems.source.text, _span(event).start)
        span = _span(event) if found is None else Span(*found.span())
        shown = quote(self.problems.source.excerpt(span))
        self.problems.add("PL502", f"the tag {shown} is not allowed here", span, remedy="remove it, values need no tags")

    def _anchor(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, node: Node) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def _place(self, node: Node, size: int) -> None:
        """Put a value where it belongs: into the innermost list or object."""
        self.written += 1
        self.total += size
        if not self.open:
            self.root = node
        elif (key := self.keys[-1]) is None:
            append(self.open[-1], node)
        else:
            self.keys[-1] = None
            put(self.open[-1], key, node, self.problems)

    def _inside(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Span:
        """The span of a value without its anchor and tag, and without the blank lines after it."""
        text = self.problems.source.text
        start, end = _span(event)
        if text[start : start + 1] in ("&", "!") and (properties := _PROPERTIES.match(text, start, end)):
            start = properties.end()
        return Span(start, start + len(text[start:end].rstrip("\r\n \t")))

    def _fail_repeats(self, span: Span) -> NoReturn:
        remedy = "write the values out, or repeat smaller ones"
        self.problems.fail("PL512", "the aliases of the document stand for too many values", span, remedy=remedy)


def _span(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(0 if start is None else start.index, 0 if end is None else end.index)
