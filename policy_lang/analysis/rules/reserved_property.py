"""PL365: the name of a property differs from a built-in one in case or dashes only."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.core import Fact, Has, Path, descendants, path_text
from policy_lang.types.schema import DEVICE, UPDATE

_BUILT_IN = {"device": DEVICE, "update": UPDATE}


def check(subject: PolicySubject) -> Iterator[Found]:
    """Report the first use of `device.Version` and the like."""
    seen: set[Path] = set()
    for node in descendants(subject.core):
        if not isinstance(node, Fact | Has) or node.path in seen:
            continue
        seen.add(node.path)
        meant = _meant(node.path)
        if meant is not None:
            message = f"`{path_text(node.path)}` is another property than `{meant}`"
            yield Found(message, node.span, f"write `{meant}`, or give the other property a name of its own")


def _meant(path: Path) -> str | None:
    """The built-in property that a path looks like and is not."""
    root, *steps = path
    known = _BUILT_IN.get(str(root), {})
    if not steps or steps[0] in known:
        return None
    folded = _fold(str(steps[0]))
    return next((f"{root}.{name}" for name in known if name == folded), None)


def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


RULE = PolicyRule(
    "PL365",
    "reserved_property",
    Category.MISSING_DATA,
    Severity.WARNING,
    "a property is named almost like a built-in one",
    check=check,
)
