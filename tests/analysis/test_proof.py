import time

import pytest
from linting import subject_of

from policy_lang.analysis.lint import lint_policy
from policy_lang.analysis.proof import keeps_types, prove
from policy_lang.diagnostics.model import Edit, Fix
from policy_lang.source import Span


def write(policy: str, old: str, new: str, *, title: str = "test") -> Fix:
    """A fix that writes one text for another."""
    at = policy.index(old)
    return Fix(title, (Edit(Span(at, at + len(old)), new),))


@pytest.mark.parametrize(
    ("policy", "old", "new", "is_right"),
    [
        ("device.a && device.b", "device.a", "device.c", False),
        ("device.a && device.b", "device.a", "device.b", True),
        ("device.a << 1 > 2", "<<", "&&", False),
        ("device.a << 1 > 2", "<<", "= =", False),
        ("device.a << 1 > 2", "<< 1", "* 2", False),
        ("device.a << 1 > 2", "<<", ">>", True),
    ],
)
def test_a_fix_compiles_and_keeps_types(policy: str, old: str, new: str, *, is_right: bool) -> None:
    each = write(policy, old, new)
    assert prove(subject_of(policy), [each]) == (frozenset([each]) if is_right else frozenset())
    assert keeps_types(subject_of(policy), policy.replace(old, new)) is is_right


def test_one_that_is_wrong_takes_no_other_along() -> None:
    policy = " && ".join(f"device.a{number} << 1 > 2" for number in range(10, 20))
    right = [write(policy, f"device.a{number} << 1", f"device.a{number} >> 1") for number in range(10, 20) if number != 13]
    wrong = write(policy, "device.a13 << 1", "device.a13 * 2")
    assert prove(subject_of(policy), [*right[:3], wrong, *right[3:]]) == frozenset(right)


def test_fixes_that_touch_are_tried_apart() -> None:
    policy = "!!device.a && device.b"
    both = [write(policy, "!!device.a", "device.a"), write(policy, "!!", "!!!!")]
    assert prove(subject_of(policy), both) == frozenset(both)


def test_a_fix_is_not_right_because_another_one_takes_its_reason_away() -> None:
    """Without `device.p == 'x'` nothing tells the types of the others; without both there is nothing to tell."""
    policy = "device.b && device.p == 'x' && device.p == device.q"
    first, second = write(policy, " && device.p == 'x'", ""), write(policy, "&& device.p == device.q", "")
    assert prove(subject_of(policy), [first, second]) == frozenset([second])


def test_no_fixes() -> None:
    assert prove(subject_of("device.a"), []) == frozenset()


def test_many_fixes_of_a_long_policy_are_proven_together() -> None:
    """One check for each would take half a minute."""
    policy = " || ".join(f"device.r{number} == null" for number in range(330))
    start = time.process_time()
    found = lint_policy(policy)
    assert time.process_time() - start < 5  # a check takes a tenth of a second
    assert [each.fix is not None for each in found] == [True] * 330
