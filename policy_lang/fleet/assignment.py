"""Which update each device would get: section "Selecting an update" of the specification as one expression.

Per product the updates are tried in descending precedence, and the first whose gates are all true is taken: a CASE, which takes the
first true test and passes false and unknown over. Ledgers are left out: a limit on grants counts as not yet reached, except that
of nobody, and a device without an id gets nothing that is limited.
"""

from collections.abc import Iterator

from sqlglot import exp

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.compiler.facts import as_moment
from policy_lang.fleet.bindings import Bound, bind_policy
from policy_lang.fleet.builder import Form
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.model import Given
from policy_lang.fleet.query import Query
from policy_lang.rollout.plan import Activity
from policy_lang.selection.candidates import by_product
from policy_lang.source import Span
from policy_lang.types.core import And, Apply, Choose, Compare, Comparison, Constant, Core, Fact, Has, Not, map_children
from policy_lang.types.functions.row import Form as Written
from policy_lang.types.functions.table import rows
from policy_lang.types.model import INT, STRING, VERSION

_NOWHERE = Span(0, 0)
_ID = Fact(("device", "id"), STRING, span=_NOWHERE)
_VERSION = Fact(("device", "version"), VERSION, span=_NOWHERE)
_PRODUCT, _TOKEN = ("device", "product"), ("device", "productToken")


def assignment(query: Query, catalog: Catalog, columns: Columns, given: Given) -> exp.Expr:
    """The id of the update for each device, NULL for none.

    Args:
        query: the statement that it becomes part of.
        catalog: the updates.
        columns: the columns of the table.
        given: the time, and the host's roots.
    """
    builder = query.builder
    nothing = builder.null(Form.TEXT)
    cases = []
    for product, updates in by_product(catalog.updates).items():
        ordered = sorted(updates, key=lambda update: update.version, reverse=True)
        tried = [
            (query.condition(bound), builder.literal(update.id, Form.TEXT)) for update, bound in gates(ordered, columns, given)
        ]
        if tried:
            is_product = bind_core(updates[0], of_product(product), columns, given)
            cases.append((query.condition(is_product), builder.first_true(tried, nothing.copy())))
    return builder.first_true(cases, nothing) if cases else nothing


def gates(updates: list[Update], columns: Columns, given: Given) -> Iterator[tuple[Update, Bound]]:
    """The updates that run now, each with what it asks of a device."""
    for update in updates:
        if not update.is_paused and update.rollout.activity(as_moment(given.now)) is Activity.ACTIVE:
            asked = (is_candidate(update), *_admission(update, given), policy_of(update, columns))
            yield update, bind_core(update, And(asked, span=_NOWHERE), columns, given)


def policy_of(update: Update, columns: Columns) -> Core:
    """What an update's policy asks of the devices of its product, whose product need not be asked again."""
    # A device may be of the product by its `productToken`, and then its `product` is missing.
    has_token = columns.find(_TOKEN[1:]) is not None
    return update.bound.running if has_token else _within_product(update.bound.running, update.product)


def _within_product(node: Core, product: str) -> Core:
    match node:
        case Fact(path, type_) if path == _PRODUCT and type_ == STRING:
            return Constant(product, STRING, span=node.span)
        case _:
            return map_children(node, lambda child: _within_product(child, product))


def bind_core(update: Update, core: Core, columns: Columns, given: Given) -> Bound:
    """What an update asks, in terms of columns."""
    return bind_policy(update.bound, columns, None, given.now, given.roots, core=core)


def of_product(product: str) -> Core:
    """A device's product is its `productToken` where it sends no `product`."""
    wanted = Constant(product, STRING, span=_NOWHERE)
    plain, token = (
        Compare(Comparison.EQUAL, Fact(path, STRING, span=_NOWHERE), wanted, span=_NOWHERE) for path in (_PRODUCT, _TOKEN)
    )
    return Choose(Has(_PRODUCT, span=_NOWHERE), plain, token, span=_NOWHERE)


def is_candidate(update: Update) -> Core:
    """A greater version; for a rollback any other."""
    own = Constant(update.version, VERSION, span=_NOWHERE)
    if update.allows_downgrade:
        return Not(Compare(Comparison.EQUAL, _VERSION, own, span=_NOWHERE), span=_NOWHERE)
    return Compare(Comparison.LESS, _VERSION, own, span=_NOWHERE)


def _admission(update: Update, given: Given) -> Iterator[Core]:
    """What the rollout asks of the device's id."""
    rollout, now = update.rollout, as_moment(given.now)
    if rollout.has_percent or rollout.is_limited:
        yield Not(Compare(Comparison.EQUAL, _ID, Constant("", STRING, span=_NOWHERE), span=_NOWHERE), span=_NOWHERE)
    if rollout.has_percent:
        (bucket,) = rows(Written.FUNCTION, "bucket")
        place = Apply(bucket, (_ID, Constant(update.id, STRING, span=_NOWHERE)), INT, span=_NOWHERE)
        yield Compare(Comparison.LESS, place, Constant(rollout.share(now) or 0, INT, span=_NOWHERE), span=_NOWHERE)
    is_closed = 0 in {rollout.max_devices, rollout.max_per_period}
    if is_closed or (rollout.max_per_period is not None and now is None):
        yield Compare(Comparison.EQUAL, Constant(0, INT, span=_NOWHERE), Constant(1, INT, span=_NOWHERE), span=_NOWHERE)
