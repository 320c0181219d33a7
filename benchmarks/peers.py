"""The engines that a Python user would pick instead, each used as fast as its interface allows.

A peer compiles once. For each device it is handed what its `given` says, made from a plain dict, and making it counts. Where an
engine cannot order versions, the device brings a text or a number that sorts like its version, and making *that* is not counted.
All this is in the favour of the peer: a host would have to keep those in step by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version as version_of
from types import ModuleType
from typing import Any, TypeAlias

from bench_evaluate import UPDATE, Device
from dialects import PYTHON, RANKS, READ, Dialect, JsonLogic, Rule, Text, ordered, policies

Ask: TypeAlias = Callable[[Any], object]
Compile: TypeAlias = Callable[[Rule], Ask]
Hand: TypeAlias = Callable[[Ask, tuple[str, ...], object], Ask]

TARGET = ordered(UPDATE)


def properties(ask: Ask, names: tuple[str, ...], target: object) -> Ask:
    """Hand over a new dict of the properties that the policy reads: for engines that convert all they are given."""

    def answer(device: Device) -> object:
        given = {name: device[name] for name in names}
        given["target"] = target
        return ask(given)

    return answer


def device_itself(ask: Ask, _names: tuple[str, ...], _target: object) -> Ask:
    """Hand over the device as it is."""
    return ask


@dataclass(frozen=True, slots=True)
class Peer:
    """One engine, used in one way.

    Attributes:
        package: what is installed.
        module: what is imported.
        versions: the property that versions are compared by: `version` with the engine's own order, else `key` or `rank`.
        dialect: its language.
        prepare: makes its compiler from its module.
        hand: what it is given for each device.
        note: what is special about it.
    """

    package: str
    module: str
    versions: str
    dialect: Dialect
    prepare: Callable[[ModuleType], Compile]
    hand: Hand = properties
    note: str = ""

    @property
    def name(self) -> str:
        """The package, and how it is used."""
        return f"{self.package}, {self.note or self.versions}"

    def installed(self) -> str | None:
        """Its version, or None where it is absent."""
        try:
            import_module(self.module)
        except ModuleNotFoundError:
            return None
        return version_of(self.package)

    def tests(self) -> dict[str, Ask]:
        """P1 to P4, compiled."""
        compile_rule = self.prepare(import_module(self.module))
        return {
            name: self.hand(compile_rule(rule), (self.versions, *READ[name]), TARGET[self.versions])
            for name, rule in policies(self.dialect).items()
        }


def evalidate(engine: ModuleType) -> Compile:
    """Python's own `eval` of checked code: the device is its namespace, so nothing is copied."""
    model = engine.base_eval_model.clone()
    model.nodes += ["Attribute", "Call", "List"]
    model.attributes.append("startswith")

    def compile_rule(text: Rule) -> Ask:
        evaluate = engine.Expr(text, model=model).eval
        return lambda device: evaluate({"target": TARGET["key"]}, device)

    return compile_rule


def datalogic(engine: ModuleType) -> Compile:
    """JsonLogic in Rust."""
    evaluator = engine.Engine()
    return lambda rule: evaluator.compile(rule).evaluate


def json_logic(engine: ModuleType) -> Compile:
    """JsonLogic in Python; rules are walked as they are."""
    engine.add_operation("starts_with", str.startswith)
    evaluate = engine.jsonLogic
    return lambda rule: lambda given: evaluate(rule, given)


def rust_cel(engine: ModuleType) -> Compile:
    """CEL in Rust, a new context for each device."""
    return lambda text: engine.compile(text).execute


def rust_cel_lazily(engine: ModuleType) -> Compile:
    """CEL in Rust, one context that asks for the properties it comes to."""

    def compile_rule(text: Rule) -> Ask:
        execute, context, current = engine.compile(text).execute, engine.Context(), [ordered(UPDATE)]
        context.set_variable_resolver(lambda name: TARGET["key"] if name == "target" else current[0][name])

        def answer(device: Device) -> object:
            current[0] = device
            return execute(context)

        return answer

    return compile_rule


def google_cel(engine: ModuleType) -> Compile:
    """CEL in C++, with declared types."""
    kinds = engine.Type
    texts = dict.fromkeys(("key", "target", "region", "tier", "model"), kinds.STRING)
    environment = engine.NewEnv(variables={**texts, "memory": kinds.INT, "test": kinds.BOOL})

    def compile_rule(text: Rule) -> Ask:
        evaluate = environment.compile(text).eval
        return lambda given: evaluate(data=given).value()

    return compile_rule


def python_cel(engine: ModuleType) -> Compile:
    """CEL in Python, its faster runner; values are converted to its own types."""
    convert = engine.json_to_cel

    def compile_rule(text: Rule) -> Ask:
        environment = engine.Environment(runner_class=engine.CompiledRunner)
        evaluate = environment.program(environment.compile(text)).evaluate
        return lambda given: bool(evaluate({name: convert(value) for name, value in given.items()}))

    return compile_rule


def zen(engine: ModuleType) -> Compile:
    """GoRules' expressions in Rust; they order numbers only."""
    return lambda text: engine.compile_expression(text).evaluate


def rule_engine(engine: ModuleType) -> Compile:
    """A tree that is walked."""
    context = engine.Context(resolver=engine.resolve_item)
    return lambda text: engine.Rule(text, context=context).matches


def simpleeval(engine: ModuleType) -> Compile:
    """Python's own tree, parsed once and walked."""

    def compile_rule(text: Rule) -> Ask:
        evaluator = engine.EvalWithCompoundTypes()
        parsed = evaluator.parse(text)

        def answer(given: Device) -> object:
            evaluator.names = given
            return evaluator.eval(text, parsed)

        return answer

    return compile_rule


RULES = Text(" and ", " or ", "not {}", "{} =~ {!r}")
ZEN = Text(" and ", " or ", "not {}", "startsWith({}, {!r})", version="rank", constant=RANKS.__getitem__)

PEERS = (
    Peer("evalidate", "evalidate", "key", PYTHON, evalidate, device_itself),
    Peer("datalogic-py", "datalogic_py", "key", JsonLogic(), datalogic),
    Peer("datalogic-py", "datalogic_py", "version", JsonLogic(has_versions=True), datalogic, note="its own sem_ver"),
    Peer("zen-engine", "zen", "rank", ZEN, zen),
    Peer("cel-expr-python", "cel_expr_python.cel", "key", Text(), google_cel),
    Peer("common-expression-language", "cel", "key", Text(), rust_cel),
    Peer("common-expression-language", "cel", "key", Text(), rust_cel_lazily, device_itself, "key, resolver"),
    Peer("json-logic-qubit", "json_logic", "key", JsonLogic(), json_logic),
    Peer("simpleeval", "simpleeval", "key", PYTHON, simpleeval),
    Peer("rule-engine", "rule_engine", "key", RULES, rule_engine),
    Peer("cel-python", "celpy", "key", Text(), python_cel),
)
"""The engines; the order of the table is that of their times."""
