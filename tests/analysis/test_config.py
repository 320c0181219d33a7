from pathlib import Path

import pytest

from policy_lang.analysis.config import Config, find_config, load_config
from policy_lang.diagnostics.model import Severity
from policy_lang.errors import PolicyError

FULL = """schema = "schemas/device.json"

[lint]
select = ["ALL"]
ignore = ["PL346", "missing data"]

[lint.severity]
null_comparison = "error"
PL363 = "warning"

[lint.per-file-ignores]
"*.policy" = ["PL346"]
"old/**/x.policy" = ["ALL"]
"new/*" = ["PL3"]

[fmt]
width = 88
"""


def write(folder: Path, text: str, name: str = "policy.toml") -> Path:
    """A configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def problems(text: str, folder: Path, name: str = "policy.toml") -> list[str]:
    """The findings of a configuration."""
    with pytest.raises(PolicyError) as caught:
        load_config(write(folder, text, name))
    return [f"{each.location.line if each.location else 0} {each.code} {each.message}" for each in caught.value.diagnostics]


def test_everything(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, FULL))
    assert config.schema == tmp_path / "schemas" / "device.json"
    assert config.lint.select == ("ALL",)
    assert config.lint.ignore == ("PL346", "missing data")
    assert config.lint.severity == {"PL322": Severity.ERROR, "PL363": Severity.WARNING}
    assert config.width == 88


def test_nothing(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, ""))
    assert config == Config(file=tmp_path / "policy.toml")
    assert config.lint.select == ("ALL",)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.policy", {"PL346"}),
        ("deep/er/a.policy", {"PL346"}),
        ("a.yaml", set()),
        ("old/x.policy", {"PL346", "ALL"}),
        ("old/a/b/x.policy", {"PL346", "ALL"}),
        ("older/x.policy", {"PL346"}),
        ("new/catalog.yaml", {"PL3"}),
        ("new/a/catalog.yaml", set()),
        ("../new/catalog.yaml", set()),
    ],
)
def test_files_that_have_rules_of_their_own(path: str, expected: set[str], tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "project", FULL))
    assert set(config.ignored_in(tmp_path / "project" / path)) == expected


def test_without_a_file_nothing_is_ignored() -> None:
    assert Config().ignored_in(Path("a.policy")) == ()


def test_the_nearest_file_counts_alone(tmp_path: Path) -> None:
    write(tmp_path, "fmt = {width = 80}")
    write(tmp_path / "a" / "b", "[tool.policy]\nfmt = {width = 90}", "pyproject.toml")
    write(tmp_path / "a" / "b" / "c", "[tool.other]\nx = 1", "pyproject.toml")
    write(tmp_path / "d", "[tool.policy]\n", "pyproject.toml")
    write(tmp_path / "d", "fmt = {width = 70}")
    assert find_config(tmp_path / "a" / "b" / "c" / "x.policy").width == 90
    assert find_config(tmp_path / "a" / "b").width == 90
    assert find_config(tmp_path / "a" / "x.policy").width == 80
    assert find_config(tmp_path / "d" / "nowhere" / "x.policy").width == 70


def test_no_file_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_config(Path("x.policy")) == Config()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shema = 'x'", ["1 PL504 the key `shema` is not known"]),
        ("schema = 1", ["1 PL506 `schema` must be text, not the number `1`"]),
        ("[lint]\nselct = []", ["2 PL504 the key `selct` is not known"]),
        ("[lint]\nselect = 'ALL'", ["2 PL506 `select` must be a list, not the text `ALL`"]),
        ("[lint]\nselect = ['x']", ["2 PL507 `select` has a wrong item: `x` chooses no rule"]),
        ("[lint]\nignore = [1]", ["2 PL506 `ignore` must be text, not the number `1`"]),
        ("lint = 1", ["1 PL506 `lint` must be an object, not the number `1`"]),
        ("[lint.severity]\nnope = 'error'", ["2 PL504 `nope` is no rule"]),
        ("[lint.severity]\nPL203 = 'info'", ["2 PL504 `PL203` is no rule"]),
        ("[lint.severity]\nPL322 = 'bad'", ["2 PL507 a severity is `error`, `warning` or `info`, not the text `bad`"]),
        ("[lint.severity]\nPL322 = 1", ["2 PL507 a severity is `error`, `warning` or `info`, not the number `1`"]),
        ("[lint.per-file-ignores]\n'*' = ['x']", ["1 PL507 `per-file-ignores` has a wrong item: `x` chooses no rule"]),
        ("[fmt]\nwidth = 5", ["2 PL507 `width` must be a whole number from 20 to 1000, not the number `5`"]),
        ("[fmt]\nwidth = true", ["2 PL507 `width` must be a whole number from 20 to 1000, not the bool `true`"]),
        ("[fmt]\nwidht = 80\n[lint]\nx = 1", ["2 PL504 the key `widht` is not known", "4 PL504 the key `x` is not known"]),
        ("schema =", ["1 PL502 expected a value"]),
    ],
)
def test_mistakes(text: str, expected: list[str], tmp_path: Path) -> None:
    assert problems(text, tmp_path) == expected


def test_mistakes_in_a_shared_file(tmp_path: Path) -> None:
    assert problems("[tool.policy]\nshema = 'x'", tmp_path, "pyproject.toml") == ["2 PL504 the key `shema` is not known"]
    assert problems("[tool]\npolicy = 1", tmp_path, "pyproject.toml") == [
        "2 PL506 the settings must be a table, not the number `1`"
    ]


def test_a_file_that_is_named_must_say_something(tmp_path: Path) -> None:
    assert problems("[tool]\n", tmp_path, "pyproject.toml")[0].endswith("the settings must be a table, not null")
