"""Runs of pytest inside the test run. The entry point loads the plugin there; ours itself runs without it."""

from pathlib import Path

import pytest

from policy_lang.testing import account, cases, coverage, files, judges, plugin

pytest_plugins = "pytester"

LOADED = (account, cases, coverage, files, judges, plugin)
"""Loaded before, because an inner run forgets the modules that it loads itself."""

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD = """\
expression: device.a == 1
cases:
- {name: yes, device: {a: 1}, expect: match}
- {name: other, device: {a: 2}, expect: no match}
"""


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def test_an_item_for_each_case(pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", regional=GOOD)
    pytester.makefile(".test.json", other='{"suites": []}')
    pytester.makepyfile("def test_python(): pass")
    result = pytester.runpytest_inprocess("-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        ["regional.test.yaml::yes PASSED*", "regional.test.yaml::other PASSED*", "policies: conditions 100 %, MC/DC 100 %"]
    )


def test_a_failure_shows_the_policy_not_the_code(pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", a=GOOD.replace("{a: 2}", '{a: "\\e[31m"}'))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "a.test.yaml:4:3: other",
            "  - expected no match",
            "  + got      unknown",
            "  unknown because device.a: the text `*` is not a *",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*runtest*")
    assert "\x1b" not in result.stdout.str()


def test_a_case_can_be_chosen(pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", a=GOOD)
    pytester.runpytest_inprocess("a.test.yaml::other").assert_outcomes(passed=1)
    pytester.runpytest_inprocess("-k", "yes").assert_outcomes(passed=1, deselected=1)


def test_a_file_that_is_wrong_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", a=GOOD.replace("expect: match", "expect: mtach"))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*a.test.yaml:3:39: cases[[]0[]].expect: error[[]PL507[]]*", "  = help: did you mean `match`?"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_an_error_of_ours_has_its_traceback(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(judges.PolicyJudge, "judge", fail)
    pytester.makefile(".test.yaml", a=GOOD)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*RuntimeError: ours"])


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (["--policy-fail-under", "100", "--policy-fail-under-mcdc", "100"], 0, "policies: conditions 100 %*"),
        (["--policy-fail-under", "51", "-k", "yes"], 1, "policies: 1 of 2 conditions are covered, less than 51 %"),
        (["--policy-fail-under", "50", "-k", "yes"], 0, "policies: conditions 50 %, MC/DC 0 %"),
        (["--policy-fail-under-mcdc", "1", "-k", "yes"], 1, "policies: 0 of 1 MC/DC are covered, less than 1 %"),
    ],
)
def test_coverage_can_be_asked_for(options: list[str], code: int, line: str, pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", a=GOOD)
    result = pytester.runpytest_inprocess(*options)
    assert result.ret == code
    result.stdout.fnmatch_lines([line])


def test_coverage_of_nothing_is_not_enough(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_python(): pass")
    result = pytester.runpytest_inprocess("--policy-fail-under", "0")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["policies: no coverage was measured in this process"])


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", a=GOOD)
    assert pytester.runpytest_inprocess("-p", "no:policy").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_examples_in_a_process_of_their_own(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(
        str(EXAMPLES / "tests"), "--rootdir", str(EXAMPLES), "-c", "/dev/null", "-p", "no:cacheprovider"
    )
    result.assert_outcomes(passed=63)
