"""What a project says about its policies: `policy.toml`, or the table `tool.policy` of `pyproject.toml`.

The nearest file above a checked file counts, and it alone: nothing is merged, so that one file says everything. An unknown key is
an error, because a setting that is misspelled would silently not be one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from policy_lang.analysis.registry import find_rule
from policy_lang.analysis.selectors import ALL, UnknownSelectorError, codes_of
from policy_lang.catalog.fields import WrongValue, read_list, read_object, read_text
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record
from policy_lang.diagnostics.model import Severity
from policy_lang.documents.model import Document, Path_
from policy_lang.documents.problems import quote
from policy_lang.documents.read import read_document
from policy_lang.errors import PolicyError
from policy_lang.suggest import did_you_mean
from policy_lang.types.decode import describe

OWN_FILE = "policy.toml"
"""The file that holds nothing else."""

SHARED_FILE = "pyproject.toml"
"""The file that holds the settings of other tools too."""

_TABLE: Path_ = ("tool", "policy")
_KEYS = ("schema", "lint", "fmt")
_LINT = ("select", "ignore", "severity", "per-file-ignores")
_FMT = ("width",)
_NARROWEST, _WIDEST = 20, 1000


@dataclass(frozen=True, slots=True)
class PerFileIgnore:
    """Rules that do not run for some files.

    Attributes:
        pattern: a glob; one without a `/` is about the name of the file, others start at the folder of the configuration.
        selectors: what does not run.
    """

    pattern: str
    selectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LintConfig:
    """What is said about rules; each word was checked to choose one.

    Attributes:
        select: which rules run.
        ignore: which of them do not.
        severity: other severities, by the code of the rule.
        per_file_ignores: what does not run for some files.
    """

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    per_file_ignores: tuple[PerFileIgnore, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project; without a file, the defaults.

    Attributes:
        file: where they are written; None for the defaults.
        schema: the JSON Schema of what devices send, as a path from the folder of the file.
        lint: which rules run, and how bad their findings are.
        width: how wide the formatter may write; None where nothing is said.

    Source: docs/lint.md, "Configuration".
    """

    file: Path | None = None
    schema: Path | None = None
    lint: LintConfig = LintConfig()
    width: int | None = None

    def ignored_in(self, path: PurePath) -> tuple[str, ...]:
        """What does not run for a file: the words of every pattern that it matches."""
        folder = Path() if self.file is None else self.file.parent
        return tuple(
            word for each in self.lint.per_file_ignores if _matches(Path(path), each.pattern, folder) for word in each.selectors
        )


def find_config(path: Path) -> Config:
    """The settings for a file, from the nearest folder above it that has any.

    Args:
        path: a file, which need not be there, or a folder.

    Raises:
        PolicyError: the file with the settings cannot be read, or anything in it is wrong.

    Source: docs/lint.md, "Configuration".
    """
    start = path.absolute()
    for folder in (start, *start.parents):
        if folder.is_dir() and (config := _config_in(folder)) is not None:
            return config
    return Config()


def load_config(file: Path) -> Config:
    """The settings in a file; in a `pyproject.toml` they stand in the table `tool.policy`.

    Raises:
        PolicyError: the file cannot be read, or anything in it is wrong.
    """
    document = read_document(file)
    return _read(document, file, _TABLE if file.name == SHARED_FILE else ())


def _config_in(folder: Path) -> Config | None:
    if (folder / OWN_FILE).is_file():
        return load_config(folder / OWN_FILE)
    shared = folder / SHARED_FILE
    if not shared.is_file():
        return None
    document = read_document(shared)
    return None if _inside(document.value, _TABLE) is None else _read(document, shared, _TABLE)


def _inside(value: Any, path: Path_) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _read(document: Document, file: Path, path: Path_) -> Config:
    findings = Findings(document)
    raw = _inside(document.value, path)
    if not isinstance(raw, Mapping):
        findings.add("PL506", f"the settings must be a table, not {describe(raw)}", path, remedy="write for example `[lint]`")
        raise PolicyError(findings.found)
    record = Record(findings, path, raw, _KEYS)
    schema = record.optional("schema", read_text, None)
    fmt = record.object("fmt", _FMT)
    config = Config(
        file=file,
        schema=None if schema is None else file.parent / schema,
        lint=_read_lint(record.object("lint", _LINT), findings),
        width=None if fmt is None else fmt.optional("width", _read_width, None),
    )
    if findings.found:
        raise PolicyError(findings.found)
    return config


def _read_lint(record: Record | None, findings: Findings) -> LintConfig:
    if record is None:
        return LintConfig()
    return LintConfig(
        select=record.optional("select", _read_selectors, (ALL,)),
        ignore=record.optional("ignore", _read_selectors, ()),
        severity=MappingProxyType(dict(_read_severities(record, findings))),
        per_file_ignores=record.optional("per-file-ignores", _read_per_file, ()),
    )


def _read_selectors(raw: object) -> tuple[str, ...]:
    """A list of words that choose rules."""
    words = tuple(map(read_text, read_list(raw)))
    for word in words:
        try:
            codes_of(word)
        except UnknownSelectorError as error:
            raise WrongValue("PL507", f"has a wrong item: {error.message}", error.remedy) from None
    return words


def _read_per_file(raw: object) -> tuple[PerFileIgnore, ...]:
    return tuple(PerFileIgnore(str(pattern), _read_selectors(words)) for pattern, words in read_object(raw).items())


def _read_severities(record: Record, findings: Findings) -> Iterable[tuple[str, Severity]]:
    """The severities by the code of the rule; a key that is no rule is a finding of its own."""
    path: Path_ = (*record.path, "severity")
    for word, raw in record.optional("severity", read_object, {}).items():
        rule = find_rule(word)
        if rule is None:
            remedy = "write the code or the name of a rule; `policy rule` lists all rules"
            findings.add_key("PL504", f"{quote(word)} is no rule", (*path, word), remedy=remedy)
        elif not isinstance(raw, str) or raw not in set(Severity):
            message = f"a severity is `error`, `warning` or `info`, not {describe(raw)}"
            near = did_you_mean(raw, Severity) if isinstance(raw, str) else None
            findings.add("PL507", message, (*path, word), remedy=near or "to turn a rule off, write it into `ignore`")
        else:
            yield rule.code, Severity(raw)


def _read_width(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not _NARROWEST <= raw <= _WIDEST:
        message = f"must be a whole number from {_NARROWEST} to {_WIDEST}, not {describe(raw)}"
        raise WrongValue("PL507", message, "write for example `width = 88`")
    return raw


def _matches(path: Path, pattern: str, folder: Path) -> bool:
    """Whether a file matches a glob; `**` stands for any folders."""
    if "/" not in pattern:
        return fnmatchcase(path.name, pattern)
    inside = Path(path).absolute()
    root = folder.absolute()
    return inside.is_relative_to(root) and _glob(inside.relative_to(root).parts, tuple(pattern.split("/")))


def _glob(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Match names one by one; `**` takes any number of them."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _glob(parts, pattern[1:]) or (bool(parts) and _glob(parts[1:], pattern))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _glob(parts[1:], pattern[1:])
