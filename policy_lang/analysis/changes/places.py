"""Which properties of a device a policy can be turned by.

A *place* is a property that can be changed on its own: a path of names below `device`. A policy may read deeper, into a list, as
`has(device.tags[1])` does; then the list is the place.
"""

from collections.abc import Callable, Iterator, Sequence

from policy_lang.types.core import Apply, Constant, Core, Fact, Has, Path, children
from policy_lang.types.functions.lists import HAS_KEY

ROOT = "device"


def place_of(path: Path) -> Path | None:
    """The place that holds a property; None where it is not the device's, or the device as a whole."""
    if path[0] != ROOT or len(path) == 1:
        return None
    return path[: next((at for at, step in enumerate(path) if isinstance(step, int)), len(path))]


def paths_read(node: Core, key_of: Callable[[Core], str | None]) -> Iterator[Path]:
    """The properties of the device that a part of a policy reads.

    Args:
        node: the part.
        key_of: the present value of a key, as in `key in device`; None where it is unknown.
    """
    match node:
        case Fact(path) | Has(path):
            if path[0] == ROOT:
                yield path
        case Apply(function, (key, Fact(path))) if function is HAS_KEY and path[0] == ROOT:
            yield from paths_read(key, key_of)
            yield from _key_paths(path, key, key_of)
        case _:
            for child in children(node):
                yield from paths_read(child, key_of)


def _key_paths(path: Path, key: Core, key_of: Callable[[Core], str | None]) -> Iterator[Path]:
    """`'region' in device` reads one property; a key that is computed may read any, and an object may be none."""
    name = key_of(key)
    if name is not None:
        yield (*path, name)
    if len(path) > 1 or not isinstance(key, Constant):
        yield path


def overlapping(places: Sequence[Path]) -> dict[Path, list[int]]:
    """For each place and each path above one: the places that are it, around it or inside it, by their numbers."""
    found: dict[Path, list[int]] = {}
    for at, place in enumerate(places):
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], []).append(at)
    numbers = {place: at for at, place in enumerate(places)}
    for path, inside in found.items():
        inside += [numbers[path[:length]] for length in range(1, len(path)) if path[:length] in numbers]
    return found
