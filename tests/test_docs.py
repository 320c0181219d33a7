"""Everything that README.md and docs/ show is true.

Each fenced block runs by its language:

- `policy`: each line that is not indented starts a policy, which compiles; a trailing `//! PL201` expects exactly these findings.
  `policy schema` uses the last `yaml schema` block.
- `results`: the policy before it, evaluated; `{"a": 1} -> true` for each device, after optional lines `update {…}` and `now …`.
- `python`: plain code, or `>>>` examples; one namespace for a page.
- `console`: each `$ policy …` runs in one copy of examples/ for a page; `...` in the output stands for anything. Run this file
  as a script to write what the commands print now.
- `file=name`: the block is written to that file, in the same folder.
- `yaml schema` and `yaml catalog`: these load; a catalog may expect findings in its info string, such as `yaml catalog PL505`.
- `policy bad`, `yaml good-catalog` and the like belong to the pages of rules and errors: see `tests/analysis/test_pages.py`.

Tables run by their head: see `_TABLES`.
"""

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
import typer

import policy_lang
from policy_lang.catalog.catalog import Catalog
from policy_lang.cli.app import app
from policy_lang.compiler.explain import show_value
from policy_lang.diagnostics.codes import CODES
from policy_lang.documents.model import Kind
from policy_lang.documents.read import parse_document
from policy_lang.errors import PolicyError
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.bucket import bucket
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Gate, Reason
from policy_lang.syntax.operators import BinaryOp, ComparisonOp, UnaryOp
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.functions.table import LANGUAGE
from policy_lang.types.model import display_kinds
from policy_lang.types.schema import Schema
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import Version

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "grammar" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SPEC = (ROOT / "docs" / "spec.md").read_text()

_FENCE = re.compile(r"^```([a-z0-9]+)([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY_FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^\|.*\|\n\|[-| :]+\|\n(?:\|.*\|\n)+", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")
_NOTE = re.compile(r"[ \t]*//!((?: PL\d{3})+)[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_VALUES = {"true": True, "false": False, "unknown": None}


class Block(NamedTuple):
    """One fenced block, and for `results` the policy that it is about."""

    page: Path
    line: int
    language: str
    info: tuple[str, ...]
    text: str
    schema: str | None
    policy: str | None

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    schema = policy = None
    for match in _FENCE.finditer(text):
        language, info, body = match[1], tuple(match[2].split()), match[3]
        yield Block(page, text.count("\n", 0, match.start()) + 1, language, info, body, schema, policy)
        schema = body if (language, info) == ("yaml", ("schema",)) else schema
        policy = body if language == "policy" else policy


_OF_PAGES = re.compile(r"(good|bad)(-\w+)?|rule-schema|page-schema")
BLOCKS = [block for page in PAGES for block in _blocks(page) if not _OF_PAGES.fullmatch(" ".join(block.info))]


def _yaml(text: str) -> Any:
    """A YAML text as catalogs are read, with `2.0.0` and `2026-01-01` as text."""
    return parse_document(text, "docs", Kind.YAML).value


def _having(*languages: str) -> pytest.MarkDecorator:
    found = [block for block in BLOCKS if block.language in languages]
    return pytest.mark.parametrize("block", found, ids=[block.name for block in found])


def _policies(text: str) -> list[str]:
    """The policies of a block: a line that is indented goes on with the one before."""
    return [each for each in re.split(r"\n(?=\S)", text.rstrip("\n")) if each.strip()]


def _codes_of(text: str, schema: Schema | None = None) -> list[str]:
    try:
        compile_policy(text, schema=schema)
    except PolicyError as error:
        return sorted(each.code for each in error.diagnostics)
    return []


@_having("policy")
def test_policies_compile_or_have_the_findings_that_they_show(block: Block) -> None:
    schema = Schema.load(_yaml(block.schema)) if block.info == ("schema",) and block.schema else None
    for written in _policies(block.text):
        expected = sorted(code for note in _NOTE.findall(written) for code in note.split())
        assert _codes_of(_NOTE.sub("", written), schema) == expected, written


@_having("results")
def test_results_are_those_of_the_policy(block: Block) -> None:
    assert block.policy is not None
    schema = Schema.load(_yaml(block.schema)) if block.info == ("schema",) and block.schema else None
    policy = compile_policy(block.policy, schema=schema)
    update, now = None, None
    for line in block.text.splitlines():
        if line.startswith("update "):
            update = json.loads(line.removeprefix("update "))
        elif line.startswith("now "):
            now = line.removeprefix("now ").strip()
        elif line:
            device, end = json.JSONDecoder().raw_decode(line)
            found = policy.explain(device, update, now)
            shown = show_value(found.result) + "".join(f": {cause}" for cause in found.causes[:1])
            wanted = line[end:].strip().removeprefix("->").strip()
            assert wanted in {shown, show_value(found.result)}, line
            assert policy.evaluate(device, update, now) is found.result


@_having("yaml")
def test_schemas_and_catalogs_load_or_have_the_findings_that_they_show(block: Block) -> None:
    match block.info:
        case ("schema",):
            Schema.load(_yaml(block.text))
        case ("catalog", *expected):
            assert _catalog_codes(_yaml(block.text)) == sorted(expected)
        case _:
            assert _yaml(block.text)


def _catalog_codes(value: Any) -> list[str]:
    try:
        Catalog.load(value)
    except PolicyError as error:
        return sorted(each.code for each in error.diagnostics)
    return []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_and_console_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "examples"
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", folder)
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in _blocks(page):
        _write_files(block, folder)
        if block.language == "python":
            _run_python(block, namespace)
        elif block.language == "console":
            _run_console(block, folder)


def _write_files(block: Block, folder: Path) -> None:
    for file in (info.removeprefix("file=") for info in block.info if info.startswith("file=")):
        (folder / file).write_text(block.text)


def _run_python(block: Block, namespace: dict[str, Any]) -> None:
    if ">>>" not in block.text:
        exec(compile(block.text, block.name, "exec"), namespace)  # noqa: S102  the documentation of this project
        return
    test = doctest.DocTestParser().get_doctest(block.text, namespace, block.name, str(block.page), block.line)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    problems: list[str] = []
    runner.run(test, out=problems.append, clear_globs=False)
    assert not runner.failures, "".join(problems)
    namespace.update(test.globs)


class Step(NamedTuple):
    """One command of a console block, what the page shows below it, and what it prints."""

    command: str
    shown: str
    found: str


def _steps(block: Block, folder: Path) -> Iterator[Step]:
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join((scripts, os.environ["PATH"])), "COLUMNS": "120", "NO_COLOR": "1"}
    status = 0
    for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = step.partition("\n")
        assert command.startswith(("policy ", "echo $?")), f"{block.name}: {command}"
        run = subprocess.run(
            ["/bin/bash", "-c", f"(exit {status}); {command}"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        status = run.returncode
        yield Step(command, _trimmed(shown), _trimmed(run.stdout))


def _run_console(block: Block, folder: Path) -> None:
    for command, shown, found in _steps(block, folder):
        pattern = re.escape(shown).replace(re.escape("..."), ".*?")
        assert re.fullmatch(pattern, found, re.DOTALL), f"{block.name}: $ {command}\n{found}"


def rewrite_consoles(page: Path, folder: Path) -> None:
    """Put what the commands of a page print now into the page; `python tests/test_docs.py` does it for all pages."""
    text = page.read_text()
    for block in _blocks(page):
        _write_files(block, folder)
        if block.language == "console":
            steps = [f"$ {step.command}\n{step.shown if '...' in step.shown else step.found}" for step in _steps(block, folder)]
            text = text.replace(block.text, "\n".join(step.rstrip("\n") for step in steps) + "\n")
    page.write_text(text)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


Cells = tuple[str, ...]


def _tables(text: str) -> Iterator[tuple[Cells, list[Cells]]]:
    for match in _TABLE.finditer(text):
        head, _, *rows = match[0].splitlines()
        yield _cells(head), [_cells(row) for row in rows]


def _cells(row: str) -> Cells:
    return tuple(cell.strip().replace("\\|", "|") for cell in _CELL.split(row)[1:-1])


def _bare(cell: str) -> str:
    return cell.strip("`")


def _rows_of(*head: str) -> list[Cells]:
    return [row for found, rows in _tables(SPEC) if found == head for row in rows]


def _check_truth(head: Cells, row: Cells) -> None:
    device = {name: _VALUES[value] for name, value in zip(map(_bare, head), row, strict=True) if len(name) == 1}
    for formula, wanted in zip(map(_bare, head), row, strict=True):
        if len(formula) > 1:
            policy = compile_policy(re.sub(r"\b([abc])\b", r"device.\1", formula), schema=_BOOLS)
            assert policy.evaluate(device) is _VALUES[wanted], (formula, device)


_BOOLS = Schema.load({"properties": {name: {"type": "boolean"} for name in "abc"}})
_UPDATE: dict[str, Any] = {
    "id": "release-7",
    "product": "thermostat",
    "version": "2.0.0",
    "policy": "true",
    "url": "https://example.com/7.bin",
    "checksum": "00" * 32,
}


def _check_catalog_row(head: Cells, row: Cells) -> None:
    """`rollout.percent` | `101` | PL507: one field of a good update is changed."""
    *path, name = row[head.index("field")].strip("`").split(".")
    update: dict[str, Any] = json.loads(json.dumps(_UPDATE))
    target = update.setdefault(path[0], {}) if path else update
    if row[1] == "left out":
        del target[name]
    else:
        target[name] = _yaml(_bare(row[1]))
    assert _catalog_codes({"updates": [update]}) == ([] if row[2] == "none" else row[2].split(", "))


def _check_selection_row(_: Cells, row: Cells) -> None:
    catalog = {"updates": [{**_UPDATE, "policy": "device.pro == true", "rollout": {"percent": 50}}]}
    decision = Selector(Catalog.load(catalog)).select(json.loads(_bare(row[0])))
    wanted = row[1] if not decision.trace else f"{row[1].partition(',')[0]}, {decision.trace[0].gate}"
    assert decision.update is None
    assert (str(decision.reason) if not decision.trace else f"{decision.reason}, {decision.trace[0].gate}") == wanted == row[1]


def _check_device_row(_: Cells, row: Cells) -> None:
    policy, device = compile_policy(_bare(row[0])), json.loads(_bare(row[1]))
    assert policy.evaluate(device) is _VALUES[row[2]], row
    assert policy.matches(device) is (row[2] == "true"), row


def _check_option_row(_: Cells, row: Cells) -> None:
    assert getattr(Options(), _bare(row[1])) == int(row[2].split()[0].replace(",", "")), row
    assert row[3] in {*CODES, "unknown"}, row


_TABLES: dict[Cells, Callable[[Cells, Cells], object]] = {
    ("key", "salt", "bucket"): lambda _, row: _equal(bucket(json.loads(_bare(row[0])), json.loads(_bare(row[1]))), int(row[2])),
    ("version", "key"): lambda _, row: _equal(Version.parse(_bare(row[0])).key, _bare(row[1])),
    ("range", "means"): lambda _, row: _equal(VersionRange.parse(_bare(row[0])), VersionRange.parse(_bare(row[1]))),
    ("policy", "finding"): lambda _, row: _equal(_codes_of(_bare(row[0])), row[1].split(", ")),
    ("policy", "device", "result"): _check_device_row,
    ("field", "written", "finding"): _check_catalog_row,
    ("device", "decision"): _check_selection_row,
    ("limit", "option", "default", "over it"): _check_option_row,
    ("code", "title"): lambda _, row: _equal(CODES[row[0]], row[1]),
}


def _equal(found: object, wanted: object) -> None:
    assert found == wanted


def _checked_rows() -> Iterator[Any]:
    for page in PAGES:
        for head, rows in _tables(_ANY_FENCE.sub("", page.read_text())):
            check = _check_truth if head[0] == "`a`" else _TABLES.get(head)
            for row in rows if check is not None else ():
                yield pytest.param(check, head, row, id=f"{page.stem}: {' | '.join(row)}"[:80])


@pytest.mark.parametrize(("check", "head", "row"), list(_checked_rows()))
def test_tables_say_what_is(check: Callable[[Cells, Cells], object], head: Cells, row: Cells) -> None:
    check(head, row)


def _example() -> tuple[dict[str, Any], dict[str, Any], str]:
    """The device, the update and the time for which every example of a function is true."""
    (written,) = (block.text for block in BLOCKS if block.info == ("example",))
    example = _yaml(written)
    return example["device"], example["update"], example["now"]


@pytest.mark.parametrize("example", list(dict.fromkeys(row.example for row in LANGUAGE)))
def test_examples_of_functions_are_true_for_the_example_device(example: str) -> None:
    assert compile_policy(example).evaluate(*_example()) is True


def function_rows() -> list[str]:
    """The tables of functions in docs/spec.md, one line for each name and meaning."""
    groups: dict[tuple[str, ...], list[Function]] = {}
    for row in LANGUAGE:
        groups.setdefault((row.form, row.name, row.example), []).append(row)
    return [_function_row(rows) for rows in groups.values()]


def _function_row(rows: list[Function]) -> str:
    first = rows[0]
    parameters = [_parameter(each, [row.parameters[at] for row in rows]) for at, each in enumerate(first.parameters)]
    results = 0
    for row in rows:
        results |= row.result
    result = "an item" if first.is_element else "list of text" if first.items is not None else display_kinds(results)
    own = f"{first.form} " if first.form in {Form.MEMBER, Form.METHOD} else ""
    cells = (f"{own}`{first.name}`", ", ".join(parameters), result, first.description, f"`{first.example}`")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _parameter(first: Parameter, overloads: list[Parameter]) -> str:
    kinds = 0
    for each in overloads:
        kinds |= each.kinds
    shown = "an item" if first.is_element else display_kinds(kinds)
    literal = " literal" if first.read is not None or first.is_literal else ""
    default = "" if first.default is None else f", `'{first.default}'` if left out"
    return f"{first.name}: {shown}{literal}{default}"


@pytest.mark.parametrize("row", function_rows(), ids=lambda row: row.split("|")[1].strip())
def test_each_function_has_its_row_in_the_specification(row: str) -> None:
    assert row in SPEC.splitlines()


def test_each_error_has_its_row_in_the_specification() -> None:
    """Rules have a list of their own, `docs/rules/index.md`."""
    assert _rows_of("code", "title") == [row for row in CODES.items() if not row[0].startswith("PL3")]


@pytest.mark.parametrize("operator", [*ComparisonOp, *BinaryOp, *UnaryOp, "&&", "||", "??", "===", "!=="])
def test_each_operator_is_in_the_precedence_table(operator: str) -> None:
    ((_, rows),) = ((head, rows) for head, rows in _tables(SPEC) if head == ("level", "operators", "meaning", "associates"))
    assert operator in set(_CODE.findall(" ".join(row[1] for row in rows)))


@pytest.mark.parametrize("word", [*Reason, *Gate])
def test_each_reason_and_gate_is_in_the_specification(word: str) -> None:
    assert f"| {word} |" in SPEC


@pytest.mark.parametrize("name", policy_lang.__all__)
def test_each_public_name_is_in_the_api_reference(name: str) -> None:
    assert re.search(rf"^#+ `{name}\b", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE)


def test_each_command_and_option_is_in_the_command_line_reference() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    section = re.compile(r"^## `policy (\w+)[^`]*`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    sections = dict(section.findall(page))
    group = typer.main.get_command(app)
    commands: dict[str, Any] = getattr(group, "commands")  # noqa: B009  the class has no public name in every release of typer
    assert set(sections) == set(commands)
    for name, command in commands.items():
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("-")}
        assert {option for option in options if f"`{option}`" not in sections[name]} == set()


def test_paths_that_the_pages_name_exist() -> None:
    for page in PAGES:
        for path in re.findall(r"`([\w.][\w./]*/[\w.]*\.?\w*)`", _ANY_FENCE.sub("", page.read_text())):
            places = (ROOT, ROOT / "policy_lang", page.parent, ROOT / "examples")
            assert any((place / path).exists() for place in places), f"{page}: {path}"


def test_each_section_that_the_code_names_exists() -> None:
    named = re.compile(r'docs/(\w+)\.md, "([^"]+)"(?: and "([^"]+)")?')
    for file in (ROOT / "policy_lang").rglob("*.py"):
        for page, *sections in named.findall(file.read_text()):
            headings = _HEADING.findall((ROOT / "docs" / f"{page}.md").read_text())
            assert {section for section in sections if section} <= set(headings), file


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    for link in _LINK.findall(_ANY_FENCE.sub("", page.read_text())):
        target, _, anchor = link.partition("#")
        if target.startswith(("http://", "https://")):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        if anchor:
            assert anchor in {_slug(heading) for heading in _HEADING.findall(_ANY_FENCE.sub("", file.read_text()))}, link


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_readme_names_the_demo_and_the_tests() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"make demo", "make test"} <= {line.strip() for line in readme.splitlines()}
    assert {"demo", "test"} <= set(targets)


def test_design_stays_short() -> None:
    assert len((ROOT / "docs" / "design.md").read_text().splitlines()) <= 250


def test_blocks_are_of_known_languages() -> None:
    known = {"policy", "results", "python", "console", "yaml", "json", "json5", "toml", "sh", "text", "lark", "ini"}
    assert {block.language for block in BLOCKS} <= known


if __name__ == "__main__":
    for each in PAGES:
        with TemporaryDirectory() as scratch:
            shutil.copytree(ROOT / "examples", scratch, dirs_exist_ok=True)
            rewrite_consoles(each, Path(scratch))
