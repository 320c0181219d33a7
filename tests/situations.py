"""What the tests of the analysis ask of policies: which results are possible."""

from policy_lang.analysis.sets.search import Verdict
from policy_lang.analysis.sets.solver import Solver
from policy_lang.analysis.sets.truth import FALSE, TRUE, UNKNOWN
from policy_lang.pipeline import check_policy
from policy_lang.source import Source
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema

_RESULTS = {"true": TRUE, "false": FALSE, "unknown": UNKNOWN}


def core_of(text: str, schema: Schema | None = None) -> Core:
    """The typed core of a policy."""
    return check_policy(Source(text), schema).core


def possible(text: str, schema: Schema | None = None) -> set[str]:
    """The results that are not proved impossible."""
    core = core_of(text, schema)
    solver = Solver([core])
    verdicts = {name: solver.possible([(core, truth)]) for name, truth in _RESULTS.items()}
    assert Verdict.UNDECIDED not in verdicts.values()
    return {name for name, verdict in verdicts.items() if verdict is Verdict.POSSIBLE}
