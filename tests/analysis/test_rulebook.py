from policy_lang.analysis.registry import RULES, rulebook
from policy_lang.analysis.rule import CatalogRule, NodeRule, PolicyRule, SuppressionRule


def test_every_rule_is_somewhere() -> None:
    book = rulebook(RULES)
    by_node = {rule for rules in book.node_rules.values() for rule in rules}
    assert by_node == {rule for rule in RULES if isinstance(rule, NodeRule)}
    assert set(book.policy_rules) == {rule for rule in RULES if isinstance(rule, PolicyRule)}
    assert set(book.catalog_rules) == {rule for rule in RULES if isinstance(rule, CatalogRule)}
    assert set(book.suppression_rules) == {rule for rule in RULES if isinstance(rule, SuppressionRule)}


def test_codes() -> None:
    book = rulebook(RULES)
    assert book.codes - book.policy_codes == {rule.code for rule in book.catalog_rules}
    assert not book.codes & {rule.code for rule in book.suppression_rules}
    assert set(book.known.values()) == book.codes


def test_a_rule_is_asked_for_its_nodes_only() -> None:
    node_rule = next(rule for rule in RULES if isinstance(rule, NodeRule))
    book = rulebook((node_rule,))
    assert book.node_rules == dict.fromkeys(node_rule.nodes, (node_rule,))
