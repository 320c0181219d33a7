"""What is certain about an update's policy before a device is asked, so that no test has to show it.

A catalog asks the policy of an update only for candidates. The update's own properties are known then, and where it allows no
downgrade, `device.version < update.version` is true: that is what makes a device a candidate. What depends on nothing else is a
constant, and a condition that it decides is left out.
"""

from policy_lang.catalog.update import Update
from policy_lang.optimizer.fold import fold
from policy_lang.types.core import Apply, Compare, Comparison, Constant, Core, Fact, In, children, map_children, type_of
from policy_lang.types.model import BOOL


def open_core(update: Update) -> Core:
    """The policy of an update with everything taken out that is certain for a candidate."""
    return _settle(update.bound.running, update)


def _settle(node: Core, update: Update) -> Core:
    inner = map_children(node, lambda child: _settle(child, update))
    match inner:
        case Compare(Comparison.LESS, Fact(("device", "version")), Constant(value)) if value == update.version:
            return inner if update.allows_downgrade else Constant(True, BOOL, span=node.span)
        case Compare() | In() | Apply() if any(isinstance(child, Constant) and child.value is None for child in children(inner)):
            return Constant(None, type_of(inner), span=node.span)
        case _:
            return fold(inner, update.bound.options)
