"""PL335: a policy of its own says from which version on it goes, and not up to which."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_bounds import VERSION, bounds_version
from policy_lang.diagnostics.model import Severity
from policy_lang.types.core import Fact, descendants

_MESSAGE = "the policy has no upper bound of `device.version`: a device that has the update already still matches"
_HELP = "write `device.version < update.version && …`; inside a catalog selection does it"


def check(subject: PolicySubject) -> Iterator[Found]:
    """Report the first use of `device.version` in a policy that goes on for every later version.

    A policy that does not speak of versions at all leaves them to its host, and so does one inside a catalog.
    """
    if subject.is_in_catalog or bounds_version(subject.core):
        return
    used = min((node.span for node in descendants(subject.core) if isinstance(node, Fact) and node.path == VERSION), default=None)
    if used is not None:
        yield Found(_MESSAGE, used, _HELP, label="open above")


RULE = PolicyRule(
    "PL335",
    "unbounded_version",
    Category.VERSIONS,
    Severity.INFO,
    "a policy goes on for every later version",
    check=check,
)
