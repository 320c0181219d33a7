"""Which rules run for which file: the command line, over the configuration, over the defaults."""

from dataclasses import dataclass, field
from pathlib import Path

from policy_lang.analysis.config import Config, find_config, load_config
from policy_lang.analysis.registry import rulebook
from policy_lang.analysis.rulebook import Rulebook
from policy_lang.analysis.selectors import UnknownSelectorError, choose, codes_of_all
from policy_lang.cli.exits import MisuseError
from policy_lang.types.schema import Schema


@dataclass(frozen=True, slots=True)
class FileSettings:
    """How one file is checked.

    Attributes:
        book: the rules.
        schema: the schema of the command line, which stands in place of all others.
        fallback: the schema of the configuration, for policies, and for catalogs that have none.
    """

    book: Rulebook
    schema: Schema | None
    fallback: Schema | None

    @property
    def policy_schema(self) -> Schema | None:
        """What a policy in a file of its own is checked against."""
        return self.schema or self.fallback


@dataclass(slots=True)
class Settings:
    """What was asked, and the configurations that were found so far.

    Attributes:
        select, ignore: the options; None where they were not given.
        schema: the schema of the command line.
        config: the configuration of all files; None where each has its own.
    """

    select: tuple[str, ...] | None
    ignore: tuple[str, ...] | None
    schema: Schema | None
    config: Config | None
    _found: dict[Path, Config] = field(default_factory=dict)
    _schemas: dict[Path, Schema] = field(default_factory=dict)

    def of(self, path: Path | None) -> FileSettings:
        """How a file is checked; without a file, as if it stood in this folder.

        Raises:
            PolicyError: the configuration, or its schema, is wrong.
        """
        config = self.config or self._config(Path() if path is None else path.parent)
        ignored = () if path is None else config.ignored_in(path)
        book = rulebook(choose(*self._words(config, ignored), config.lint.severity))
        fallback = None if self.schema is not None or config.schema is None else self._schema(config.schema)
        return FileSettings(book, self.schema, fallback)

    def _words(self, config: Config, ignored: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is selected and ignored: `--select` replaces both lists of the configuration, `--ignore` adds to them."""
        select = config.lint.select if self.select is None else self.select
        own = config.lint.ignore if self.select is None else ()
        return select, (*own, *(self.ignore or ()), *ignored)

    def _config(self, folder: Path) -> Config:
        if folder not in self._found:
            self._found[folder] = find_config(folder)
        return self._found[folder]

    def _schema(self, path: Path) -> Schema:
        if path not in self._schemas:
            self._schemas[path] = Schema.load(path)
        return self._schemas[path]


def read_settings(
    select: tuple[str, ...] | None, ignore: tuple[str, ...] | None, schema: Schema | None, config: Path | None, *, is_isolated: bool
) -> Settings:
    """The settings of a command line; words may be joined by commas.

    Raises:
        MisuseError: the options contradict each other, or a word chooses no rule.
        PolicyError: the configuration that was named is wrong.
    """
    if config is not None and is_isolated:
        raise MisuseError("`--config` and `--isolated` contradict each other", "leave one of them out")
    fixed = load_config(config) if config is not None else Config() if is_isolated else None
    return Settings(_split(select, "--select"), _split(ignore, "--ignore"), schema, fixed)


def _split(words: tuple[str, ...] | None, option: str) -> tuple[str, ...] | None:
    if words is None:
        return None
    split = tuple(word.strip() for each in words for word in each.split(",") if word.strip())
    try:
        codes_of_all(split)
    except UnknownSelectorError as error:
        raise MisuseError(f"{error.message} in `{option}`", error.remedy) from None
    return split
