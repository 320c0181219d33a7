"""Every rule of the linter, in the order of its code, and the ways to name one."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from policy_lang.analysis.rule import Rule, SuppressionRule
from policy_lang.analysis.rulebook import Rulebook
from policy_lang.analysis.rules import (
    always_false,
    always_true,
    bidirectional_control,
    build_metadata,
    case_variant,
    constant_part,
    double_negation,
    empty_affix,
    equality_chain,
    filler_checksum,
    float_equality,
    fraction_percent,
    fraction_rollout,
    literal_regex,
    misread_bitwise,
    misread_operator,
    mixed_logic,
    mixed_script,
    negative_optional,
    never_offered,
    no_version_guard,
    null_comparison,
    numeric_text_order,
    outer_blanks,
    percent_without_id,
    prerelease_bound,
    quoted_boolean,
    quoted_number,
    ramp_complete_at_start,
    ramp_cut_off,
    redundant_condition,
    repeated_checksum,
    reserved_property,
    self_comparison,
    start_before_published,
    suppression_without_reason,
    swallowed_condition,
    unanchored_regex,
    unbounded_version,
    unguarded_optional,
    unknown_suppression,
    unlimited_match_all,
    unused_suppression,
    version_as_text,
    version_order_as_text,
    yoda_condition,
)

RULES: tuple[Rule, ...] = (
    numeric_text_order.RULE,
    quoted_boolean.RULE,
    quoted_number.RULE,
    always_false.RULE,
    always_true.RULE,
    redundant_condition.RULE,
    self_comparison.RULE,
    constant_part.RULE,
    double_negation.RULE,
    mixed_logic.RULE,
    equality_chain.RULE,
    unguarded_optional.RULE,
    negative_optional.RULE,
    null_comparison.RULE,
    no_version_guard.RULE,
    version_as_text.RULE,
    prerelease_bound.RULE,
    build_metadata.RULE,
    version_order_as_text.RULE,
    unbounded_version.RULE,
    misread_operator.RULE,
    misread_bitwise.RULE,
    unanchored_regex.RULE,
    literal_regex.RULE,
    empty_affix.RULE,
    float_equality.RULE,
    yoda_condition.RULE,
    bidirectional_control.RULE,
    mixed_script.RULE,
    outer_blanks.RULE,
    case_variant.RULE,
    start_before_published.RULE,
    ramp_complete_at_start.RULE,
    fraction_percent.RULE,
    unlimited_match_all.RULE,
    percent_without_id.RULE,
    reserved_property.RULE,
    ramp_cut_off.RULE,
    fraction_rollout.RULE,
    repeated_checksum.RULE,
    filler_checksum.RULE,
    never_offered.RULE,
    swallowed_condition.RULE,
    unused_suppression.RULE,
    suppression_without_reason.RULE,
    unknown_suppression.RULE,
)
"""All rules, ordered by code. A rule that is not listed here does not run; a test compares this list with the folder."""

RULES_BY_CODE: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in RULES})
"""The rules by their codes, such as `PL322`."""

RULES_BY_NAME: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in RULES})
"""The rules by their names, such as `null_comparison`."""


SUPPRESSIBLE: Mapping[str, str] = MappingProxyType(
    {word: rule.code for rule in RULES if not isinstance(rule, SuppressionRule) for word in (rule.code, rule.name)}
)
"""The code for each word that a suppression may hold; a comment cannot suppress what is wrong with comments."""


def find_rule(word: str) -> Rule | None:
    """The rule with a code or a name, in any case; None where there is none.

    >>> find_rule("PL3") is None
    True
    """
    return RULES_BY_CODE.get(word.upper()) or RULES_BY_NAME.get(word.lower())


@lru_cache
def rulebook(rules: tuple[Rule, ...]) -> Rulebook:
    """Some rules, ready to run; made once for each choice of rules."""
    return Rulebook(rules, SUPPRESSIBLE)
