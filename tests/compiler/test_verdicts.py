import pytest

from policy_lang.compiler import verdicts
from policy_lang.compiler.verdicts import window
from policy_lang.pipeline import compile_policy
from policy_lang.versions.version import Version

LOW, HIGH = Version.parse("1.4.0").key, Version.parse("2.0.0").key


def test_a_window_learns_whether_a_version_is_inside() -> None:
    seen = window(LOW, HIGH, lenient=False)
    for text in ("1.3.9", "1.4.0", "1.9.0", "2.0.0-rc.1", "2.0.0", "1.5", ""):
        seen.learn(text)
    assert seen.known == {
        None: False,
        "": False,
        "1.5": False,
        "1.3.9": False,
        "1.4.0": True,
        "1.9.0": True,
        "2.0.0-rc.1": True,
        "2.0.0": False,
    }


@pytest.mark.parametrize("raw", [None, 1.5, True, [], {}, "1.5.0-" + "a" * 64])
def test_nothing_is_learned_from_what_is_no_usual_version(raw: object) -> None:
    seen = window(LOW, Version.parse("1.6.0").key, lenient=False)
    seen.learn(raw)
    assert seen.known == {None: False}


def test_equal_windows_are_one() -> None:
    first = window(LOW, HIGH, lenient=False)
    assert window(LOW, HIGH, lenient=False) is first
    assert window(LOW, HIGH, lenient=True) is not first


def test_all_windows_forget_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "_MOST", 8)
    policies = [compile_policy(f"device.version >= '{at}.0.0' && device.version < '{at + 1}.0.0'") for at in range(5)]
    for number in range(40):
        for at, policy in enumerate(policies):
            assert policy.matches({"version": f"{number}.1.0"}) is (number == at)
    kept = [window(Version.parse(f"{at}.0.0").key, Version.parse(f"{at + 1}.0.0").key, lenient=False).known for at in range(5)]
    assert 5 < sum(map(len, kept)) <= 5 + 8


def test_versions_are_read_leniently_where_the_host_says_so() -> None:
    seen = window(LOW, HIGH, lenient=True)
    seen.learn("v1.5")
    assert seen.known["v1.5"] is True
