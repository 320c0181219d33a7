"""What a text is, where a property has no declared type: the kinds exclude each other, and each is what its decoder accepts."""

from collections.abc import Callable, Mapping

from policy_lang.options import Options
from policy_lang.types.decode import decode_bool, decode_int, decode_number, is_text, items_of, version_cache
from policy_lang.types.model import Kind
from policy_lang.types.times import read_duration, read_timestamp

_MOST_REMEMBERED = 65_536
_LONGEST_REMEMBERED = 64


class WrittenKinds(dict[str, Kind | None]):
    """The kind of each text; None for one that no property can hold, because it is too long or no valid Unicode.

    Texts are remembered, for most properties have few; a bounded number of them.

    >>> kinds = WrittenKinds(Options())
    >>> [kinds[text].name for text in ("true", "512", "1.5", "1.2.3", "2026-03-01T12:00:00Z", "7d", "[1]", "1.2")]
    ['BOOL', 'INT', 'FLOAT', 'VERSION', 'TIMESTAMP', 'DURATION', 'LIST', 'FLOAT']
    """

    def __init__(self, options: Options) -> None:
        """Start without texts.

        Args:
            options: the longest text.
        """
        super().__init__()
        self._longest = options.max_text

    def __missing__(self, text: str) -> Kind | None:
        """Look at a text that was not seen before."""
        kind = self._kind_of(text)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = kind
        return kind

    def _kind_of(self, text: str) -> Kind | None:
        if not is_text(text, self._longest):
            return None
        return _BY_FIRST.get(text[:1], _plain)(text)


def _plain(_text: str) -> Kind:
    return Kind.STRING


def _word(text: str) -> Kind:
    return Kind.STRING if decode_bool(text) is None else Kind.BOOL


def _period(text: str) -> Kind:
    return Kind.STRING if read_duration(text) is None else Kind.DURATION


def _list(text: str) -> Kind:
    return Kind.STRING if items_of(text) is None else Kind.LIST


def _number(text: str) -> Kind:
    """A text that starts with a digit or a sign; nearly all such texts are a number, a version or a time."""
    if decode_int(text) is not None:
        return Kind.INT
    if decode_number(text) is not None:
        return Kind.FLOAT
    if _STRICT[text] is not None:
        return Kind.VERSION
    if read_timestamp(text) is not None:
        return Kind.TIMESTAMP
    return _period(text)


_STRICT = version_cache(lenient=False)
_BY_FIRST: Mapping[str, Callable[[str], Kind]] = {
    **dict.fromkeys("0123456789-", _number),
    **dict.fromkeys("tTfF", _word),
    "P": _period,
    "[": _list,
}
