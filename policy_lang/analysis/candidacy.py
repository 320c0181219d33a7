"""What selection asks of a device before it looks at a policy, as a condition like any other."""

from policy_lang.catalog.update import Update
from policy_lang.types.core import And, Compare, Comparison, Constant, Core, Fact, Has, Not, Or
from policy_lang.types.model import STRING, VERSION


def candidacy(update: Update) -> Core:
    """That a device is of the update's product and older; where the update may downgrade, of another version."""
    span = update.policy.core.span
    version, here = Fact(("device", "version"), VERSION, span=span), Constant(update.version, VERSION, span=span)
    product, token = (Fact(("device", name), STRING, span=span) for name in ("product", "productToken"))
    wanted = Constant(update.product, STRING, span=span)
    older: Core = Compare(Comparison.LESS, version, here, span=span)
    other: Core = Not(Compare(Comparison.EQUAL, version, here, span=span), span=span)
    by_token: Core = Compare(Comparison.EQUAL, token, wanted, span=span)
    without: Core = And((Not(Has(product.path, span=span), span=span), by_token), span=span)
    by_name: Core = Compare(Comparison.EQUAL, product, wanted, span=span)
    return And((other if update.allows_downgrade else older, Or((by_name, without), span=span)), span=span)
