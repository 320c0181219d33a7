"""What a host may set: the limits on policies and texts, and how versions are read."""

from dataclasses import dataclass

_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Options:
    """Limits and reading rules; the defaults are those of the specification.

    Attributes:
        max_source: the longest policy, in bytes of UTF-8.
        max_nodes: the most nodes that a policy may have.
        max_depth: the deepest nesting of parentheses and operators, at most 100; operands of one `&&`, `||` or `??` do not nest.
        max_pattern: the longest regular expression, in code points.
        max_text: the longest text, in bytes of UTF-8: a literal, what a device sends, and what `+` or a method makes.
        lenient_versions: versions that devices send may have a leading `v` and lack parts, so that `v1.2` reads as `1.2.0`.

    Source: docs/spec.md, "Limits".
    """

    max_source: int = 8192
    max_nodes: int = 2000
    max_depth: int = 64
    max_pattern: int = 256
    max_text: int = 4096
    lenient_versions: bool = False

    def __post_init__(self) -> None:
        """Refuse a nesting that the interpreter's own stack may not hold."""
        if not 1 <= self.max_depth <= _DEEPEST:
            raise ValueError(f"max_depth is from 1 to {_DEEPEST}")


DEFAULT_OPTIONS = Options()
