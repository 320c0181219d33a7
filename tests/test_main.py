import subprocess
import sys


def test_the_module_runs_the_command_line() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "policy_lang", "eval", "-e", "1 < 2", "--set", "a=1"], capture_output=True, text=True, check=True
    )
    assert (result.stdout, result.stderr) == ("match\n", "")


def test_the_exit_code_reaches_the_shell() -> None:
    command = [sys.executable, "-m", "policy_lang", "eval", "-e", "1 > 2", "--set", "a=1"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_the_command_line_starts_without_the_parsers() -> None:
    script = (
        "import sys, policy_lang.cli; print([name for name in ('lark', 're2', 'yaml', 'rich.progress') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
