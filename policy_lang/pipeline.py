"""The order of stages, once: parse, check, compile."""

from policy_lang.checker.policy import check
from policy_lang.compiler.policy import Policy
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source
from policy_lang.syntax.parser import parse
from policy_lang.syntax.printer import print_policy
from policy_lang.types.schema import Schema


def compile_policy(
    text: str, *, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS, name: str = "<policy>"
) -> Policy:
    """Turn policy text into a policy, or raise with every finding.

    Args:
        text: the policy.
        schema: what the host declares; without one the type of each property is inferred from its use.
        options: the host's limits, and how versions are read.
        name: what to call the text in findings, such as a file name.

    Returns:
        A policy that is safe to share between threads.

    Raises:
        PolicySyntaxError: the text does not parse, or is over a limit.
        PolicyTypeError: names or types do not fit.

    Source: docs/spec.md.

    >>> policy = compile_policy("device.version < update.version && device.region == 'us-west'")
    >>> policy.matches({"version": "1.9.0", "region": "us-west"}, {"version": "1.10.0"})
    True
    """
    return prepare_policy(text, schema=schema, options=options, name=name).warm()


def prepare_policy(
    text: str, *, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS, name: str = "<policy>"
) -> Policy:
    """The policy of `compile_policy`, whose code is generated when it is first asked; for catalogs of thousands."""
    source = Source(text, name)
    parsed = parse(source, options)
    core = check(parsed, schema, options)
    return Policy(core, source, print_policy(parsed.tree), options, tuple((schema or Schema()).all_roots))
