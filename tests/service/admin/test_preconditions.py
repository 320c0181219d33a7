import pytest

from policy_lang.service.admin.preconditions import ANY, read_precondition, tag
from policy_lang.service.problems import Problem


@pytest.mark.parametrize(
    ("header", "revisions"), [('"12"', {12}), (' "12" ', {12}), ('"1", "2","3"', {1, 2, 3}), ("*", None), (" * ", None)]
)
def test_a_header_names_revisions(header: str, revisions: set[int] | None) -> None:
    assert read_precondition(header).revisions == revisions


@pytest.mark.parametrize("header", ["", "12", 'W/"12"', '"x"', '"12', '"1" "2"', '"1",', "**", f'"{"9" * 16}"', '"-1"', '"\u0661"'])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(Problem) as caught:
        read_precondition(header)
    assert (caught.value.status, caught.value.detail) == (400, "`If-Match` is no revision")


def test_a_header_that_is_needed_is_asked_for() -> None:
    with pytest.raises(Problem) as caught:
        read_precondition(None)
    assert caught.value.status == 428
    assert read_precondition(None, is_needed=False) == ANY


def test_another_revision_is_refused_with_the_one_that_there_is() -> None:
    read_precondition('"11", "12"').check(12)
    ANY.check(13)
    with pytest.raises(Problem) as caught:
        read_precondition('"11", "12"').check(13)
    assert (caught.value.status, caught.value.headers, caught.value.more["revision"]) == (412, tag(13), 13)
