from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SCHEMA, Situation, compiled, policies, situations

Pair = Callable[[str, str, str], tuple[str, str]]

LAWS: dict[str, Pair] = {
    "De Morgan of and": lambda p, q, _: (f"!({p} && {q})", f"!{p} || !{q}"),
    "De Morgan of or": lambda p, q, _: (f"!({p} || {q})", f"!{p} && !{q}"),
    "double negation": lambda p, _, __: (f"!!{p}", p),
    "absorption by or": lambda p, q, _: (f"{p} || ({p} && {q})", p),
    "absorption by and": lambda p, q, _: (f"{p} && ({p} || {q})", p),
    "and commutes": lambda p, q, _: (f"{p} && {q}", f"{q} && {p}"),
    "or commutes": lambda p, q, _: (f"{p} || {q}", f"{q} || {p}"),
    "and associates": lambda p, q, r: (f"({p} && {q}) && {r}", f"{p} && {q} && {r}"),
    "or associates": lambda p, q, r: (f"{p} || ({q} || {r})", f"{p} || {q} || {r}"),
    "and distributes": lambda p, q, r: (f"{p} && ({q} || {r})", f"({p} && {q}) || ({p} && {r})"),
    "or distributes": lambda p, q, r: (f"{p} || ({q} && {r})", f"({p} || {q}) && ({p} || {r})"),
    "idempotence": lambda p, _, __: (f"{p} && {p} || {p}", p),
    "false decides and": lambda p, _, __: (f"false && {p}", "false"),
    "true decides or": lambda p, _, __: (f"{p} || true", "true"),
    "true is neutral": lambda p, _, __: (f"{p} && true", p),
    "false is neutral": lambda p, _, __: (f"false || {p}", p),
    "a conditional is a choice": lambda p, q, _: (f"{p} ? {q} : {q}", f"({p} || !{p}) ? {q} : true"),
}
SIDES = st.sampled_from(
    [
        *(("device.memory", "device.flags"), ("device.load", "device.memory"), ("device.model", "device.site.name")),
        *(
            ("device.version", "update.version"),
            ("device.bootloader", "'1.5.0'"),
            ("device.seen", "now"),
            ("device.uptime", "'7d'"),
        ),
        *(("device.load", "0.5"), ("device.model", "'X100'"), ("device.flags / device.memory", "1")),
        *(("device.version", "'1.4.2'"), ("'1.4.2'", "device.version"), ("update.published + device.uptime", "now")),
    ]
)
ORDER = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!="}


def same(one: str, other: str, some: list[Situation]) -> None:
    left, right = compiled(one, SCHEMA), compiled(other, SCHEMA)
    for each in some:
        assert left.evaluate(each.device, each.update, each.now) is right.evaluate(each.device, each.update, each.now), (
            one,
            other,
            each,
        )


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(LAWS)), policies(), policies(), policies(), situations())
def test_logic_is_kleenes(name: str, p: str, q: str, r: str, some: list[Situation]) -> None:
    """Logic is Kleene's: `false && unknown` is false, `true || unknown` is true, on either side; `!unknown` is unknown."""
    same(*LAWS[name](f"({p})", f"({q})", f"({r})"), some)


@settings(max_examples=300, deadline=None)
@given(SIDES, st.sampled_from(sorted(ORDER)), situations())
def test_order_is_total_where_it_is_known(sides: tuple[str, str], op: str, some: list[Situation]) -> None:
    """De Morgan's laws and `!(a < b) <=> a >= b` hold."""
    a, b = sides
    same(f"!({a} {op} {b})", f"{a} {ORDER[op]} {b}", some)
    turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "=="}
    same(f"{a} {op} {b}", f"{b} {turned[op]} {a}", some)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["^=", "$=", "><", "in"]),
    st.sampled_from(["device.model", "device.id", "'eu'"]),
    st.sampled_from(["device.tags[0]", "'e'", "''"]),
    situations(),
)
def test_negative_operators_negate(op: str, left: str, right: str, some: list[Situation]) -> None:
    """Every operator, negative ones included, gives unknown when an operand it needs is unknown."""
    negative = {"^=": "^!=", "$=": "$!=", "><": "<>", "in": "not in"}[op]
    haystack = f"[{right}, device.site.name]" if op == "in" else right
    same(f"!({left} {op} {haystack})", f"{left} {negative} {haystack}", some)
