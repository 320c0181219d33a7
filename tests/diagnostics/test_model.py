from policy_lang.diagnostics.model import Diagnostic, Edit, Fix, Label, Severity, in_order
from policy_lang.source import Location, Source, Span

SOURCE = Source("ab\ncd", "fleet.policy")


def test_findings_come_in_the_order_of_the_text_each_once() -> None:
    late = Diagnostic("PL101", "late", SOURCE, Label(Span(3, 4)))
    early = Diagnostic("PL202", "early", SOURCE, Label(Span(0, 1)))
    earlier = Diagnostic("PL101", "earlier", SOURCE, Label(Span(0, 1)))
    nowhere = Diagnostic("PL401", "nowhere")
    assert in_order([late, early, late, nowhere, earlier]) == (nowhere, earlier, early, late)


def test_a_location_is_that_of_the_first_caret() -> None:
    assert Diagnostic("PL101", "no", SOURCE, Label(Span(4, 5))).location == Location(2, 2)
    assert Diagnostic("PL101", "no", SOURCE).location is None
    assert Diagnostic("PL101", "no").location is None


def test_findings_are_values() -> None:
    fix = Fix("write it", (Edit(Span(0, 1), "x"),))
    one = Diagnostic("PL101", "no", SOURCE, Label(Span(0, 1)), fix=fix)
    assert one == Diagnostic("PL101", "no", SOURCE, Label(Span(0, 1)), fix=fix)
    assert one.severity is Severity.ERROR
