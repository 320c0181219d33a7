"""Versions: their parts, and npm's ranges."""

from typing import Any

from policy_lang.types.decode import decode_int
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind
from policy_lang.versions.ranges import VersionRange

_VERSION = Parameter("version", Kind.VERSION)


def _member(name: str, result: Kind, python: Any, description: str, example: str) -> Function:
    return Function(name, Form.MEMBER, (_VERSION,), result, python, description, example)


SATISFIES = Function(
    "satisfies",
    Form.FUNCTION,
    (
        _VERSION,
        Parameter(
            "range",
            Kind.STRING,
            read=VersionRange.parse,
            code="PL213",
            hint="write npm's range grammar, for example `^1.4 || ~2.0.3`",
        ),
    ),
    Kind.BOOL,
    lambda version, allowed: version in allowed,
    "whether a version is in a range of npm's grammar; prereleases count like all other versions",
    "satisfies(device.version, '^1.4 || >=2.0.0-rc.1 <3')",
)

ROWS: tuple[Function, ...] = (
    SATISFIES,
    _member("major", Kind.INT, lambda v: decode_int(v.major), "the first number of a version", "device.version.major == 1"),
    _member("minor", Kind.INT, lambda v: decode_int(v.minor), "the second number of a version", "device.version.minor >= 4"),
    _member("patch", Kind.INT, lambda v: decode_int(v.patch), "the third number of a version", "device.version.patch == 2"),
    _member(
        "prerelease",
        Kind.STRING,
        lambda version: version.prerelease,
        "what follows the `-` of a version, or the empty text",
        "update.version.prerelease == ''",
    ),
    _member(
        "build",
        Kind.STRING,
        lambda version: version.build,
        "what follows the `+` of a version, or the empty text",
        "update.version.build == ''",
    ),
    _member(
        "isPrerelease",
        Kind.BOOL,
        lambda version: version.is_prerelease,
        "whether a version comes before its release",
        "!update.version.isPrerelease",
    ),
)
