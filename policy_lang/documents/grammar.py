"""Where the grammars lie: inside an installed package, or at the top of a source tree."""

from pathlib import Path

_PACKAGED = Path(__file__).resolve().parents[1] / "grammar"  # in a wheel
_CHECKOUT = Path(__file__).resolve().parents[2] / "grammar"  # in a source tree or editable install


def grammar_path(name: str) -> Path:
    """The file of a grammar.

    Args:
        name: the file's name, such as `policy.lark`.

    Returns:
        An absolute path; whether the file is there is the caller's question.

    >>> grammar_path("policy.lark").parent.name
    'grammar'
    """
    return (_PACKAGED if _PACKAGED.is_dir() else _CHECKOUT) / name
