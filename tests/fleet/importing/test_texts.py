import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import DURATIONS, NUMBERS, TEXTS, TIMESTAMPS, VERSIONS

from policy_lang.fleet.importing import texts
from policy_lang.fleet.importing.texts import WrittenKinds
from policy_lang.options import Options
from policy_lang.types.decode import decoder, items_of
from policy_lang.types.model import PLAIN_TYPES, Kind

_POOL = st.sampled_from(
    [*VERSIONS, *TIMESTAMPS, *DURATIONS, *NUMBERS, *TEXTS, "true", "FALSE", "tru", "[1]", "[", "P", "-1", "-x", "01"]
)
_EXACT = (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.VERSION, Kind.TIMESTAMP, Kind.DURATION)


@given(_POOL | st.text(max_size=8) | st.from_regex(r"-?\d{1,3}(\.\d{1,2}){0,3}[a-z-]{0,2}", fullmatch=True))
@example("1e400")
@example("9007199254740993")
def test_the_kind_of_a_text_is_the_narrowest_decoder_that_reads_it(text: str) -> None:
    reads = [kind for kind in _EXACT if decoder(PLAIN_TYPES[kind], Options())(text) is not None]
    is_list = text.startswith("[") and items_of(text) is not None
    wanted = reads[0] if reads else Kind.LIST if is_list else Kind.STRING
    assert WrittenKinds(Options())[text] is wanted


@pytest.mark.parametrize("text", ["\ud800", "a" * 4097])
def test_a_text_that_no_property_holds_has_no_kind(text: str) -> None:
    assert WrittenKinds(Options())[text] is None


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_MOST_REMEMBERED", 3)
    kinds = WrittenKinds(Options())
    assert [kinds[str(number)] for number in range(10)] == [Kind.INT] * 10
    assert len(kinds) <= 3
    assert kinds["x" * 100] is Kind.STRING
    assert "x" * 100 not in kinds
