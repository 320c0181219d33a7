"""The order of stages, once: parse, check, compile."""

from typing import NamedTuple

from policy_lang.checker.policy import check
from policy_lang.compiler.policy import Policy
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source
from policy_lang.syntax.parser import Parsed, parse
from policy_lang.syntax.printer import print_policy
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema


class Checked(NamedTuple):
    """A policy without errors, as the first two stages leave it.

    Attributes:
        parsed: the text, its surface tree and its comments.
        core: the typed core tree.
        schema: what the host declared, or a schema that declares nothing.
        options: the host's options.
    """

    parsed: Parsed
    core: Core
    schema: Schema
    options: Options


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
    return make_policy(check_policy(Source(text, name), schema, options))


def check_policy(source: Source, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> Checked:
    """The first two stages, parse and check, for those who ask about a policy and do not run it.

    Args:
        source: the policy.
        schema: what the host declares; without one the types are inferred.
        options: the host's options.

    Raises:
        PolicySyntaxError: the text does not parse, or is over a limit.
        PolicyTypeError: names or types do not fit.
    """
    schema = schema or Schema()
    parsed = parse(source, options)
    return Checked(parsed, check(parsed, schema, options), schema, options)


def make_policy(checked: Checked) -> Policy:
    """The policy of what was checked; its code is generated when it is first asked."""
    parsed, core, schema, options = checked
    return Policy(core, parsed.source, print_policy(parsed.tree), options, tuple(schema.all_roots))
