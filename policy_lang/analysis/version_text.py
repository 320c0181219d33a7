"""Which texts are meant as versions, told by how they look and by the name of the property that they stand beside.

A text such as `1.1` may be a version, a number or the start of an address. So the name of the property decides how much a text must
look like a version: beside `device.firmware` two numbers with a dot are enough, beside `device.ip` nothing is.
"""

import re
from itertools import takewhile
from typing import NamedTuple

from policy_lang.analysis.subject import PolicySubject
from policy_lang.syntax.ast import Call, Compare, Expr, ListOf, Text
from policy_lang.types.core import Path
from policy_lang.types.model import Kind
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import Version

_VERSIONS = frozenset({"version", "versions", "firmware", "fw", "release", "ver", "bootloader"})
_OTHERS = frozenset(
    {"ip", "ipv", "address", "addr", "gateway", "subnet", "netmask", "network", "dns", "host", "cidr"}
    | {"model", "hardware", "hw", "revision", "board", "sku", "serial", "date", "day"}
)
_A_VERSION: Path = ("device", "version")
_WORD = re.compile(r"IPv|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TAIL = r"(?:[-+][0-9A-Za-z.+-]*)?"
_LOOSE = re.compile(rf"[vV]?\d+(?:\.(?:\d+|[xX*])){{1,3}}\.?{_TAIL}|[vV]\d+\.?|\d+\.")
_PLAIN = re.compile(rf"[vV]\d+(?:\.\d+){{1,2}}\.?{_TAIL}|\d+\.\d+\.(?:\d+|[xX*]){_TAIL}")


class Operand(NamedTuple):
    """A text that may be a version: the property that it comes from, and how a policy reads it as a version."""

    path: Path
    reading: str


def words_of(path: Path) -> frozenset[str]:
    """The words in the names of a property, in lower case: `device.fwVersion` has `fw` and `version`."""
    return frozenset(word.lower() for step in path[1:] for word in _WORD.findall(str(step)))


def names_version(path: Path) -> bool:
    """Whether the name of a property says that it is a version."""
    return not words_of(path).isdisjoint(_VERSIONS)


def is_version_like(text: str, path: Path) -> bool:
    """Whether a text beside a property is meant as a version, or as the start of one."""
    if names_version(path):
        return _LOOSE.fullmatch(text) is not None
    return words_of(path).isdisjoint(_OTHERS) and _PLAIN.fullmatch(text) is not None


def range_of(text: str) -> str | None:
    """The range that a text which looks like a version stands for: `1.1` and `1.1.` are `1.1.x`; None where it is none."""
    bare = text.lstrip("vV").rstrip(".")
    numbers = takewhile(str.isdigit, bare.split("."))
    written = bare if version_of(bare) == bare else ".".join([*numbers, "x"])
    try:
        VersionRange.parse(written)
    except ValueError:
        return None
    return written


def version_of(text: str) -> str | None:
    """The strict version that a text which looks like one stands for: `v1.2` is `1.2.0`; None where it is none."""
    try:
        return str(Version.parse_lenient(text.rstrip(".")))
    except ValueError:
        return None


def text_path(expr: Expr, subject: PolicySubject) -> Path | None:
    """The path of a property that is text; None for everything else."""
    fact = subject.fact_of(expr)
    return fact.path if fact is not None and fact.type.kind is Kind.STRING and fact.type.values is None else None


def operand_of(expr: Expr, subject: PolicySubject) -> Operand | None:
    """A property that is text, or `string(…)` of such a property or of a version; None for everything else."""
    inner = expr.args[0] if isinstance(expr, Call) and expr.name == "string" else expr
    fact = subject.fact_of(inner)
    if inner is not expr and fact is not None and fact.type.kind is Kind.VERSION:
        return Operand(_A_VERSION, subject.text_of(inner))
    path = text_path(inner, subject)
    return None if path is None else Operand(path, f"version({subject.text_of(inner)})")


def text_comparison(expr: Compare, subject: PolicySubject) -> tuple[Expr, Path, Text] | None:
    """A property that is text, its path, and the literal that it is compared with, on whichever side; None for everything else."""
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        path = text_path(one, subject)
        if path is not None and isinstance(other, Text):
            return one, path, other
    return None


def literals(expr: Expr) -> list[Text]:
    """The text literals of an operand: itself, or the items of a list."""
    items = expr.items if isinstance(expr, ListOf) else (expr,)
    return [item for item in items if isinstance(item, Text)]
