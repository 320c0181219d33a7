from hypothesis import given
from hypothesis import strategies as st

from policy_lang.fleet.importing.duplicates import IdCensus, count_duplicates


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=12))
def test_every_id_that_an_earlier_device_has_is_counted(ids: list[str]) -> None:
    census = IdCensus()
    census.add([*ids, None, 5, ["a"]])
    count, shown = count_duplicates(ids, census.suspects())
    assert count == len(ids) - len(set(ids))
    assert set(shown) == {each for each in ids if ids.count(each) > 1}


def test_few_are_shown() -> None:
    ids = [str(number) for number in range(50)] * 2
    census = IdCensus()
    census.add(ids)
    assert [count_duplicates(ids, census.suspects())[0], len(count_duplicates(ids, census.suspects())[1])] == [50, 10]
