"""Whether a version lies between two bounds, remembered by its text.

A fleet sends few distinct versions, and a window of versions is the commonest test after equality, so the answer is looked up
instead of comparing keys twice. Policies with the same window share its answers. Devices choose the texts, so all answers together
are bounded: at the limit every window forgets.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from policy_lang.compiler.facts import as_object
from policy_lang.types.decode import version_cache

_MOST = 65_536
"""Answers kept in all; about 8 MB with their texts."""

_LONGEST = 64


class Window:
    """The versions from one key, included, to another, excluded.

    Attributes:
        known: whether a version lies inside, by its text; a plain dict, which generated code asks directly. A missing version,
            None, lies outside, and so does a text that is no version.
    """

    __slots__ = ("__weakref__", "_high", "_low", "_versions", "known")

    def __init__(self, low: str, high: str, *, lenient: bool) -> None:
        """Know nothing yet; versions are read leniently where the host's options say so."""
        self.known: dict[str | None, bool] = {None: False}
        self._low = low
        self._high = high
        self._versions = version_cache(lenient=lenient)

    def learn(self, raw: Any) -> None:
        """Remember the answer for what a device sent, if that is a text of usual length."""
        if type(raw) is str and len(raw) <= _LONGEST and raw not in self.known:
            version = self._versions[raw]
            _ANSWERS.add(self, raw, version is not None and self._low <= version.key < self._high)

    def forget(self) -> None:
        """Know nothing again."""
        self.known.clear()
        self.known[None] = False


class _Answers:
    """Counts the answers of all windows, and makes them forget at the limit."""

    def __init__(self) -> None:
        self.windows: WeakValueDictionary[tuple[str, str, bool], Window] = WeakValueDictionary()
        self.count = 0
        self.lock = Lock()

    def add(self, place: Window, text: str, is_inside: bool) -> None:  # noqa: FBT001  an answer
        with self.lock:
            if self.count >= _MOST:
                for each in list(self.windows.values()):
                    each.forget()
                self.count = 0
            place.known[text] = is_inside
            self.count += 1


_ANSWERS = _Answers()


def window(low: str, high: str, *, lenient: bool) -> Window:
    """The one window between two version keys."""
    with _ANSWERS.lock:
        found = _ANSWERS.windows.get((low, high, lenient))
        if found is None:
            found = _ANSWERS.windows[low, high, lenient] = Window(low, high, lenient=lenient)
        return found


def learning(slow: Callable[..., Any], windows: list[tuple[Callable[[Any], Any], Window]]) -> Callable[..., Any]:
    """The slow path of a policy with windows: it teaches them the versions of the device, then decides as before."""

    def decide(device: Any, update: Any = None, now: Any = None, roots: Any = None) -> Any:
        facts = (as_object(device), as_object(update))
        for read, each in windows:
            each.learn(read(facts))
        return slow(device, update, now, roots=roots)

    return decide
