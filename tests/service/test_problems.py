import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service_world import WORDS

from policy_lang.service.problems import Problem, without_dropped


def test_a_problem_is_a_document_with_its_members() -> None:
    problem = Problem(404, "there is none", {"retry-after": "5"}, help="look elsewhere")
    assert json.loads(problem.body()) == {"title": "Not Found", "status": 404, "detail": "there is none", "help": "look elsewhere"}


@pytest.mark.parametrize("word", WORDS)
def test_what_a_client_sent_is_quoted_without_the_words_and_reads_the_same(word: str) -> None:
    body = Problem(400, f"`{word}` is wrong", {}, errors=[{"key": word}]).body()
    assert word.encode() not in body
    assert json.loads(body)["detail"] == f"`{word}` is wrong"


@given(st.lists(st.sampled_from([*WORDS, "Cannot ", "find device", " ", "Authentication", "failed", "\\", '"', "x"])).map("".join))
def test_no_text_gets_the_words_through(text: str) -> None:
    body = without_dropped(json.dumps({"detail": text}).encode())
    assert not any(word.encode() in body for word in WORDS)
    assert json.loads(body) == {"detail": text}
