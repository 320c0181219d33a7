from policy_lang.service.rates import Rates


def test_a_minute_holds_as_many_as_were_allowed() -> None:
    rates = Rates(per_minute=3)
    assert [rates.wait("a", 0.0) for _ in range(4)] == [0, 0, 0, 20]
    assert rates.wait("b", 0.0) == 0
    assert [rates.wait("a", 20.0), rates.wait("a", 20.0)] == [0, 20]
    assert [rates.wait("a", 1000.0) for _ in range(4)] == [0, 0, 0, 20]


def test_waiting_as_long_as_was_said_is_enough() -> None:
    rates = Rates(per_minute=7)
    now = 0.0
    for _ in range(50):
        now += rates.wait("a", now)
        assert now == 0 or rates.wait("a", now) == 0


def test_zero_allows_any_number() -> None:
    rates = Rates(per_minute=0)
    assert {rates.wait("a", 0.0) for _ in range(1000)} == {0}
    assert len(rates) == 0


def test_the_number_of_clients_is_bounded_and_the_oldest_makes_room() -> None:
    rates = Rates(per_minute=1, most=2)
    assert [rates.wait(name, 0.0) for name in "abacab"] == [0, 0, 60, 0, 60, 0]
    assert len(rates) == 2
