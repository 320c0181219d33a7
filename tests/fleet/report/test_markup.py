import pytest

from policy_lang.fleet.report.markup import Markup, element, join, safe


def test_texts_and_attributes_are_escaped() -> None:
    assert (
        element("a", "<b>&", title='"><script>', class_="x") == '<a title="&quot;&gt;&lt;script&gt;" class="x">&lt;b&gt;&amp;</a>'
    )


def test_markup_stays_and_nothing_is_nothing() -> None:
    assert join([element("b", "x"), None, ["<", Markup("<i></i>")]]) == "<b>x</b>&lt;<i></i>"


def test_attributes_are_named_as_html_has_them() -> None:
    assert element("rect", aria_label="x", width=12.5, height=3, stroke=None, xml__lang="en") == (
        '<rect aria-label="x" width="12.5" height="3" xml:lang="en"></rect>'
    )
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202e", "\x00", "\ud800"])
def test_what_is_not_printable_is_made_visible(text: str) -> None:
    shown = safe(f"a{text}é")
    assert text[0] not in shown
    assert shown.startswith("a")
    shown.encode()


@pytest.mark.parametrize("name", ["a b", "1", "", "a>"])
def test_only_the_program_names_elements(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of an element"):
        element(name)
