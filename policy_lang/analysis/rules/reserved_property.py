"""PL365: the name of a property differs from a built-in one in case, in dashes or by a slip of the finger only."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.core import Fact, Has, Path, descendants, path_text
from policy_lang.types.schema import DEVICE, UPDATE

_BUILT_IN = {"device": DEVICE, "update": UPDATE}
_LONG = 7
"""How long a name is at least that nobody else has by chance; `ip` is no slip for `id`."""


def check(subject: PolicySubject) -> Iterator[Found]:
    """Report the first use of `device.Version`, `device.versoin` and the like."""
    seen: set[Path] = set()
    for node in descendants(subject.core):
        if not isinstance(node, Fact | Has) or node.path in seen:
            continue
        seen.add(node.path)
        meant = _meant(node.path, is_declared=subject.declared(node.path) is not None)
        if meant is not None:
            message = f"`{path_text(node.path)}` is another property than `{meant}`"
            yield Found(message, node.span, f"write `{meant}`, or give the other property a name of its own")


def _meant(path: Path, *, is_declared: bool) -> str | None:
    """The built-in property that a path looks like and is not; nobody declares what is only mistyped."""
    root, *steps = path
    known = _BUILT_IN.get(str(root), {})
    if not steps or steps[0] in known:
        return None
    folded = _fold(str(steps[0]))
    return next((f"{root}.{name}" for name in known if name == folded or (not is_declared and _is_slip(folded, name))), None)


def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _is_slip(name: str, meant: str) -> bool:
    """Whether one letter of a long name is missing, doubled, wrong, or swapped with the next one: `versoin`, but not `versions`."""
    if len(meant) < _LONG or abs(len(name) - len(meant)) > 1:
        return False
    start = next((at for at, (one, other) in enumerate(zip(name, meant, strict=False)) if one != other), min(len(name), len(meant)))
    rest, wanted = name[start:], meant[start:]
    if len(name) == len(meant):
        return rest[1:] == wanted[1:] or (rest[1::-1] + rest[2:] == wanted)
    return rest == wanted[1:] or (start > 0 and rest[1:] == wanted and rest[:1] == name[start - 1])


RULE = PolicyRule(
    "PL365",
    "reserved_property",
    Category.ROLLOUT,
    Severity.WARNING,
    "a property is named almost like a built-in one",
    check=check,
)
