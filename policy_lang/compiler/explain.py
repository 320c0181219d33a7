"""Why a policy gave its result: the value of every part, and for each unknown its cause.

The values come from the reference closures, one per node; causes are worked out only here, so evaluation pays nothing for them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from policy_lang.compiler.closures import compile_expr
from policy_lang.compiler.facts import Facts, reader
from policy_lang.options import Options
from policy_lang.source import Source, Span, on_one_line
from policy_lang.types.core import Apply, Constant, Core, Fact, Has, children, path_text
from policy_lang.types.decode import Absence, why_not
from policy_lang.types.functions.lists import ITEM
from policy_lang.types.times import write_duration, write_timestamp
from policy_lang.versions.version import Version

_NAMES = {True: "true", False: "false", None: "unknown"}
_WIDTH = 8
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is unknown.

    Attributes:
        path: the property, such as `device.region`; empty for a computation.
        reason: `missing`, `wrong type`, `bad value`, or `no result` for a computation.
        detail: a sentence for people.
        span: where the policy reads it.
    """

    path: str
    reason: str
    detail: str
    span: Span

    def __str__(self) -> str:
        """One line: `device.region: missing`."""
        return f"{self.path}: {self.detail}" if self.path else self.detail

    def to_plain(self) -> dict[str, Any]:
        """The cause as JSON values; the offset counts code points from 0."""
        return {"property": self.path or None, "reason": self.reason, "detail": self.detail, "offset": self.span.start}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a policy with its value.

    Attributes:
        text: the part as it is written.
        value: its value; None for unknown.
        span: where it is written.
        cause: why it is unknown, where this part is the origin.
        parts: the parts below it; literals are left out.
    """

    text: str
    value: Any
    span: Span
    cause: Cause | None
    parts: tuple["Part", ...]

    def to_plain(self) -> dict[str, Any]:
        """The part and those below it as JSON values."""
        return {
            "text": self.text,
            "value": plain_value(self.value),
            "unknown": self.value is None,
            "cause": None if self.cause is None else self.cause.to_plain(),
            "parts": [part.to_plain() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The result of a policy for one device, and how it came about.

    Attributes:
        result: true, false, or None for unknown.
        root: the whole policy with its parts.
        causes: why the result is unknown, in the order of the text; empty where it is known.
    """

    result: bool | None
    root: Part
    causes: tuple[Cause, ...]

    def __str__(self) -> str:
        """A tree of text, one part a line."""
        return "\n".join((*_lines(self.root, 0), *(f"unknown because {reason}" for reason in self.reasons)))

    @property
    def reasons(self) -> tuple[str, ...]:
        """The causes in words, each once however often the policy reads the property."""
        return tuple(dict.fromkeys(map(str, self.causes)))

    def to_plain(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        return {"result": self.result, "causes": [cause.to_plain() for cause in self.causes], "policy": self.root.to_plain()}


def explain(node: Core, source: Source, facts: Facts, options: Options, roots: tuple[str, ...]) -> Explanation:
    """Evaluate a policy part by part.

    Args:
        node: the core of the policy, not bound.
        source: its text.
        facts: the roots.
        options: the host's options.
        roots: the names of the roots.
    """
    root = _Explainer(source, facts, options, roots).part(node)
    return Explanation(root.value, root, tuple(dict.fromkeys(_causes(root))) if root.value is None else ())


def show_value(value: Any) -> str:
    """A value as people write it: `'us-west'`, `1.2.0`, `true`, `unknown`."""
    if value is None or isinstance(value, bool):
        return _NAMES[value]
    if isinstance(value, tuple):
        return f"[{', '.join(map(show_value, value))}]"
    if isinstance(value, str):
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return "an object" if isinstance(value, Mapping) else str(plain_value(value))


def plain_value(value: Any) -> Any:
    """A value as JSON has it: versions and times as text, lists as lists."""
    match value:
        case Version():
            return str(value)
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return write_duration(value)
        case tuple():
            return [plain_value(item) for item in value]
        case _:
            return value


class _Explainer:
    """Explains the parts of one policy for one device."""

    def __init__(self, source: Source, facts: Facts, options: Options, roots: tuple[str, ...]) -> None:
        self._source = source
        self._facts = facts
        self._options = options
        self._roots = roots

    def part(self, node: Core) -> Part:
        value = compile_expr(node, self._options, self._roots)(self._facts)
        parts = tuple(self.part(child) for child in sorted(_shown(node), key=lambda child: child.span))
        text = path_text(node.path) if isinstance(node, Fact) else on_one_line(self._source.excerpt(node.span))
        return Part(text, value, node.span, self._cause(node, value, parts), parts)

    def _cause(self, node: Core, value: Any, parts: tuple[Part, ...]) -> Cause | None:
        """The cause where this part is the origin of an unknown: a property, or a computation of known values."""
        if value is not None:
            return None
        if isinstance(node, Fact):
            reason, detail = why_not(node.type, reader(node.path, self._roots)(self._facts), self._options)
            return Cause(path_text(node.path), str(reason), detail, node.span)
        if any(part.value is None or _has_unknown_item(part.value) for part in parts):
            return None
        if isinstance(node, Apply) and node.function is ITEM:
            return Cause(
                on_one_line(self._source.excerpt(node.span)),
                str(Absence.MISSING),
                "no such item, or one of another type",
                node.span,
            )
        facts = [child for child in children(node) if isinstance(child, Fact)]
        if len(facts) == 1 and len(parts) == 1:
            detail = f"{show_value(parts[0].value)} gives `{on_one_line(self._source.excerpt(node.span))}` no result"
            return Cause(path_text(facts[0].path), str(Absence.BAD_VALUE), detail, node.span)
        given = ", ".join(show_value(part.value) for part in parts)
        detail = f"`{on_one_line(self._source.excerpt(node.span))}` has no result" + (f" for {given}" if given else "")
        return Cause("", "no result", detail, node.span)


def _has_unknown_item(value: Any) -> bool:
    return isinstance(value, tuple) and None in value


def _shown(node: Core) -> Iterator[Core]:
    """The parts worth showing: no literals, and for parts that came from one piece of text only the outermost."""
    for child in children(node):
        if isinstance(child, Constant):
            continue
        if child.span == node.span and not isinstance(child, Fact | Has):
            yield from _shown(child)
        else:
            yield child


def _causes(part: Part) -> Iterator[Cause]:
    """The causes of an unknown part: its own, or those of the unknown parts below it."""
    if part.cause is not None:
        yield part.cause
    for below in part.parts:
        if below.value is None:
            yield from _causes(below)
        elif _has_unknown_item(below.value):
            yield Cause(below.text, "bad value", "an item of the list is missing or of another type", below.span)


def _lines(part: Part, depth: int) -> Iterator[str]:
    text = part.text if len(part.text) <= _LONGEST else f"{part.text[: _LONGEST - 1]}…"
    indent = "  " * depth
    if isinstance(part.value, bool) or part.value is None:
        because = f"  ({part.cause.detail})" if part.cause is not None else ""
        yield f"{_NAMES[part.value]:<{_WIDTH}}{indent}{text}{because}"
    else:
        yield f"{'':<{_WIDTH}}{indent}{text} = {show_value(part.value)}"
    for below in part.parts:
        yield from _lines(below, depth + 1)
