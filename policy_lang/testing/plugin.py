"""The plugin of pytest: test files of policies are collected beside all other tests, an item for each case.

pytest loads this module in every run of an environment that has the library, so everything else is imported when a test file is
found. Nothing but pytest imports it, and the library does not depend on pytest. `-p no:policy` switches it off.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from policy_lang.testing.coverage import PolicyCoverage
    from policy_lang.testing.judges import Judge
    from policy_lang.testing.model import Case
    from policy_lang.testing.results import CaseResult

_JUDGES: "pytest.StashKey[list[Judge]]" = pytest.StashKey()
_LIMITS = {"policy_fail_under": "conditions", "policy_fail_under_mcdc": "MC/DC"}


class CaseFailed(Exception):  # noqa: N818  a failure of the policy, not an error of ours
    """A case did not come out as expected."""

    def __init__(self, result: "CaseResult") -> None:
        """Keep what came out."""
        super().__init__(result.message)
        self.result = result


class PolicyFile(pytest.File):
    """A test file."""

    def collect(self) -> "Iterator[PolicyItem]":
        """An item for each case; a file that is not valid is an error with every finding."""
        from policy_lang.errors import PolicyError  # noqa: PLC0415  see above
        from policy_lang.testing.cases import load_suite  # noqa: PLC0415  see above
        from policy_lang.testing.judges import judge_of  # noqa: PLC0415  see above

        try:
            suite = load_suite(self.path)
        except PolicyError as error:
            raise self.CollectError(str(error)) from None
        judge = judge_of(suite, measure=True)
        self.config.stash[_JUDGES].append(judge)
        for case in suite.cases:
            line = suite.location(case).line - 1
            yield PolicyItem.from_parent(self, name=_visible(case.name), case=case, judge=judge, line=line)


class PolicyItem(pytest.Item):
    """A case of a test file."""

    def __init__(self, *, case: "Case", judge: "Judge", line: int, **others: Any) -> None:
        """Take the case, and what judges it; lines count from 0 here."""
        super().__init__(**others)
        self._case = case
        self._judge = judge
        self._line = line

    def runtest(self) -> None:
        """Run the case.

        Raises:
            CaseFailed: something came out otherwise than expected.
        """
        result = self._judge.judge(self._case)
        if not result.passed:
            raise CaseFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *others: Any) -> Any:
        """The difference and its explanation; a traceback would show our code, not the policy."""
        from policy_lang.testing.account import failure_lines  # noqa: PLC0415  see above

        if isinstance(excinfo.value, CaseFailed):
            return "\n".join(map(_visible, failure_lines(_shown(self), excinfo.value.result)))
        return super().repr_failure(excinfo, *others)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self._line, self.name


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for coverage."""
    group = parser.getgroup("policy", "tests of policies")
    for option, name in _LIMITS.items():
        flag = "--" + option.replace("_", "-")
        group.addoption(flag, type=float, metavar="PERCENT", help=f"fail if the {name} coverage of policies is lower")


def pytest_configure(config: pytest.Config) -> None:
    """Start without results."""
    config.stash[_JUDGES] = []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PolicyFile | None:
    """Collect a file whose name and content are those of a test."""
    if ".test." not in file_path.name.lower():
        return None
    from policy_lang.testing.files import is_test  # noqa: PLC0415  see above

    return PolicyFile.from_parent(parent, path=file_path) if is_test(file_path) else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that covers less than was asked."""
    is_fine = session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    if is_fine and any(True for _ in _under(session.config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how much of the policies is covered."""
    covered = _covered(config)
    if covered:
        terminalreporter.write_line("policies: " + ", ".join(f"{name} {percent} %" for name, percent, _, _ in _figures(covered)))
    for line in _under(config):
        terminalreporter.write_line(line, red=True)


def _covered(config: pytest.Config) -> "list[PolicyCoverage]":
    if not config.stash[_JUDGES]:
        return []
    from policy_lang.testing.coverage import join, report  # noqa: PLC0415  see above

    return [report(each) for each in join(each for judge in config.stash[_JUDGES] for each in judge.measured())]


def _figures(covered: "Iterable[PolicyCoverage]") -> Iterator[tuple[str, int, int, int]]:
    """The name of each figure, its whole percent, and its two numbers."""
    from policy_lang.testing.coverage import total  # noqa: PLC0415  see above

    listed = list(covered)
    for name, shares in (("conditions", [each.conditions for each in listed]), ("MC/DC", [each.mcdc for each in listed])):
        share = total(shares)
        yield name, share.percent, share.done, share.total


def _under(config: pytest.Config) -> Iterator[str]:
    """What is covered less than was asked; where nothing was measured, as in the controller of several processes, nothing is."""
    limits = {name: config.getoption(option) for option, name in _LIMITS.items() if config.getoption(option) is not None}
    if not limits:
        return
    covered = _covered(config)
    if not covered:
        yield "policies: no coverage was measured in this process"
    for name, _, done, total in _figures(covered):
        if name in limits and 100 * done < limits[name] * total:
            yield f"policies: {done} of {total} {name} are covered, less than {limits[name]:g} %"


def _shown(node: pytest.Item | pytest.Collector) -> str:
    """The file as it is shown: from the folder of the run, where it is below that."""
    path, folder = node.path, node.config.invocation_params.dir
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _visible(text: str) -> str:
    from policy_lang.diagnostics.text import visible  # noqa: PLC0415  see above

    return visible(text)
