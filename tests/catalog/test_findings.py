import pytest

from policy_lang.catalog.findings import Findings, relocate
from policy_lang.diagnostics.model import Diagnostic, Edit, Fix, Label
from policy_lang.documents.model import Document, Kind
from policy_lang.documents.read import parse_document
from policy_lang.source import Source, Span

POLICY = ("updates", 3, "policy")
FOUND = Diagnostic("PL201", "no", Source("a < 'b'"), Label(Span(4, 7), "here"), (Label(Span(0, 1), "there"),), "help")


def read(text: str) -> Document:
    return parse_document(text, "catalog.yaml", Kind.YAML)


def excerpts(diagnostic: Diagnostic) -> list[str]:
    source = diagnostic.source
    labels = (diagnostic.primary, *diagnostic.related)
    return [source.excerpt(label.span) for label in labels if source is not None and label is not None]


def test_a_finding_without_a_document_has_a_field_only() -> None:
    findings = Findings(None)
    findings.add("PL507", "no", ("updates", 3, "id"), remedy="so", first=(("updates", 0, "id"), "first"))
    findings.add_key("PL504", "no", ("updates", 3, "x"))
    assert findings.found == [
        Diagnostic("PL507", "no", help="so", field="updates[3].id"),
        Diagnostic("PL504", "no", field="updates[3].x"),
    ]


def test_a_finding_about_the_whole_has_no_field() -> None:
    findings = Findings(None)
    findings.add("PL506", "no", ())
    assert findings.found[0].field is None


def test_a_finding_points_at_the_value_a_key_finding_at_the_key() -> None:
    findings = Findings(read("first: 1\nsecond: [2]\n"))
    findings.add("PL507", "no", ("second", 0), first=(("first",), "earlier"))
    findings.add_key("PL504", "no", ("second",))
    assert [excerpts(each) for each in findings.found] == [["2", "1"], ["second"]]


def test_a_missing_field_points_at_the_first_line_of_what_lacks_it() -> None:
    findings = Findings(read("updates:\n  - id: a\n    product: b\n"))
    findings.add("PL505", "no", ("updates", 0, "version"))
    assert excerpts(findings.found[0]) == ["id: a"]


def test_a_policy_of_a_program_keeps_its_own_source() -> None:
    moved = relocate(FOUND, POLICY, None)
    assert (moved.field, moved.source, moved.primary, moved.related) == (
        "updates[3].policy",
        FOUND.source,
        FOUND.primary,
        FOUND.related,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("policy: a < 'b'", ["'b'", "a"]),
        ("policy: \"a < 'b'\"", ["'b'", "a"]),
        ("policy: 'a < ''b'''", ["''b''", "a"]),
        (r'policy: "\x61 < \u0027b\u0027"', [r"\u0027b\u0027", r"\x61"]),
        ("policy: |\n  a < 'b'\n", ["'b'", "a"]),
        ("policy: >-\n  a\n  < 'b'", ["'b'", "a"]),
    ],
)
def test_labels_move_to_what_is_written(text: str, expected: list[str]) -> None:
    moved = relocate(FOUND, ("policy",), read(text))
    assert excerpts(moved) == expected
    assert (moved.code, moved.message, moved.help, moved.field) == (FOUND.code, FOUND.message, FOUND.help, "policy")


def test_the_texts_of_labels_are_kept() -> None:
    moved = relocate(FOUND, ("policy",), read("policy: a < 'b'"))
    assert moved.primary is not None
    assert [moved.primary.text, *(label.text for label in moved.related)] == ["here", "there"]


def test_a_finding_without_a_label_points_at_the_whole_policy() -> None:
    whole = Diagnostic("PL107", "empty", Source(""))
    assert excerpts(relocate(whole, ("policy",), read("policy: a < 'b'"))) == ["a < 'b'"]


def test_a_policy_that_cannot_be_aligned_is_pointed_at_as_a_whole() -> None:
    assert excerpts(relocate(FOUND, ("policy",), read("policy: 5\nx: 1"))) == ["5", "5"]


def test_a_policy_of_many_lines_that_cannot_be_aligned_is_pointed_at_on_its_first() -> None:
    document = read("policy:\n  - a\n  - b\n")
    assert excerpts(relocate(FOUND, ("policy",), document)) == ["- a", "- a"]


def test_labels_past_the_end_stay_inside_the_policy() -> None:
    late = Diagnostic("PL101", "late", Source("a"), Label(Span(90, 99)))
    document = read("policy: 'a'")
    moved = relocate(late, ("policy",), document)
    assert moved.primary == Label(Span(10, 10))


def test_a_fix_is_left_out() -> None:
    fixed = Diagnostic("PL108", "no", Source("a = b"), Label(Span(2, 3)), fix=Fix("compare", (Edit(Span(2, 3), "=="),)))
    assert relocate(fixed, ("policy",), read("policy: a = b")).fix is None
