"""A fleet without any engine: a loop over compiled policies.

It needs no extra package and holds the devices in memory, so it is for small fleets. It asks `Policy.evaluate` and
`Selector.select` themselves, one device after the other, and is what every engine is compared with.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import md5
from heapq import nsmallest
from os import PathLike, fspath
from typing import Any, TypeAlias, assert_never

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.devices import read_devices
from policy_lang.catalog.update import Update
from policy_lang.compiler.facts import as_object, walk
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.columns import Names
from policy_lang.fleet.survey import (
    Absent,
    Assigned,
    Cell,
    Chosen,
    GoesBack,
    IsCandidate,
    IsProduct,
    Nothing,
    Result,
    Stage,
    State,
    Top,
    Value,
    show,
    top_of,
)
from policy_lang.options import Options
from policy_lang.rollout.bucket import bucket
from policy_lang.rollout.ledger import Grant, Limits, MemoryLedger
from policy_lang.selection.checkin import device_id_of, product_of
from policy_lang.selection.engine import Selector
from policy_lang.selection.model import Decision, Gate, Reason
from policy_lang.types.decode import decoder
from policy_lang.types.model import VERSION, Type
from policy_lang.types.schema import Schema

Device: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Callable[[Device], Any]

MOST_REPORTED = 20
"""The most lines of a file that are reported as unreadable."""


class Loop:
    """A fleet as a list of devices.

    Attributes:
        devices: what each device sent.
        name: what reports call the fleet.
    """

    def __init__(self, devices: Iterable[Device], *, schema: Schema | None = None, name: str = "the fleet") -> None:
        """Take the devices.

        Args:
            devices: what each device sent; anything but an object has no properties.
            schema: what devices send. With it, breakdowns decode a property as its type; without it they show what was sent.
            name: what reports call the fleet.
        """
        self.devices: tuple[Device, ...] = tuple(map(as_object, devices))
        self.name = name
        self._schema = schema

    @classmethod
    def read(cls, path: str | PathLike[str], *, schema: Schema | None = None) -> "Loop":
        """The fleet of an NDJSON file.

        Args:
            path: the file, one device a line.
            schema: what devices send.

        Raises:
            DeviceFileError: the file cannot be read, or some of its lines cannot; a report must not leave devices out silently.
        """
        lines = list(read_devices(path))
        findings = [line.error for line in lines if line.error is not None]
        if findings:
            raise DeviceFileError(findings[:MOST_REPORTED])
        return cls((line.value or {} for line in lines), schema=schema, name=fspath(path))

    def __len__(self) -> int:
        """How many devices there are."""
        return len(self.devices)

    def tally(self, cells: Sequence[Cell], where: Sequence[Cell] = ()) -> Counter[tuple[Any, ...]]:
        """How many devices have each combination of values; see `Survey`."""
        answers = [self._answer(cell) for cell in cells]
        return Counter(tuple([answer(device) for answer in answers]) for device in self._those(where))

    def top(self, value: Value, cell: Cell, most: int, where: Sequence[Cell] = ()) -> Top:
        """The devices by the values of a property that most of them have; see `Survey`."""
        return top_of(self.tally([value, cell], where), most)

    def sample(self, cells: Sequence[Cell], size: int, where: Sequence[Cell] = ()) -> dict[tuple[Any, ...], tuple[str, ...]]:
        """The ids of some devices for each combination of values; see `Survey`."""
        answers = [self._answer(cell) for cell in cells]
        ids: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
        for device in self._those(where):
            device_id = device_id_of(device, Options())
            if device_id is not None:
                ids.setdefault(tuple([answer(device) for answer in answers]), []).append((_digest(device_id), device_id))
        return {values: tuple(id_ for _, id_ in nsmallest(size, found)) for values, found in ids.items()}

    def assigned(self, chosen: Chosen) -> Iterator[Assigned]:
        """Each device with its update, in the order of the fleet; see `Survey`."""
        select = _selector(chosen)
        for device in self.devices:
            product = device.get("productToken") if device.get("product") is None else device.get("product")
            update = select(device)
            yield Assigned(_text(device.get("id")), _text(product), _text(device.get("version")), update)

    def write_assigned(self, chosen: Chosen, path: str, form: str) -> None:
        """Nothing: there is no engine that could."""

    def _those(self, where: Sequence[Cell]) -> Iterable[Device]:
        answers = [self._answer(cell) for cell in where]
        return (device for device in self.devices if all(answer(device) is True for answer in answers))

    def _answer(self, cell: Cell) -> Answer:
        """The function behind a cell."""
        match cell:
            case Result(policy, facts, now, roots):
                return lambda device: policy.evaluate(device, facts, now, roots=roots)
            case Chosen():
                return _chosen(cell)
            case Value(path):
                return self._value(path)
            case State():
                return _state(cell)
            case Stage(salt, bounds):
                return lambda device: _stage(device, salt, bounds)
            case IsCandidate(update, catalog):
                return _is_candidate(update, catalog)
            case IsProduct(product, _):
                return lambda device: product_of(device) == product
            case GoesBack(chosen):
                return _goes_back(chosen)
            case _:
                assert_never(cell)

    def _value(self, path: Names) -> Answer:
        type_ = None if self._schema is None else _type_at(self._schema.device, path)
        decode = _as_sent if type_ is None else decoder(type_, Options())

        def answer(device: Device) -> str | Absent:
            raw = walk(device, path)
            if raw is None:
                return Absent.MISSING
            value = decode(raw)
            return Absent.BAD if value is None else show(value)

        return answer


def _as_sent(raw: Any) -> Any:
    return raw


class _EachAlone(MemoryLedger):
    """A ledger for which every device is the first one: no limit is reached, but that of nobody."""

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What an empty ledger answers."""
        return MemoryLedger().grant(update_id, device_id, limits, now)


def _selector(chosen: Chosen) -> Callable[[Device], Update | Nothing]:
    """What a device gets, by `Selector.select` itself."""
    selector, now, roots = Selector(chosen.catalog, _EachAlone()), chosen.now, chosen.roots

    def select(device: Device) -> Update | Nothing:
        decision = selector.select(device, now, roots)
        return _nothing(decision) if decision.update is None else decision.update

    return select


def _nothing(decision: Decision) -> Nothing:
    is_unknown = decision.reason is Reason.NO_MATCH and any(step.gate is Gate.POLICY_UNKNOWN for step in decision.trace)
    return Nothing.POLICY_UNKNOWN if is_unknown else Nothing(str(decision.reason))


def _chosen(chosen: Chosen) -> Answer:
    select = _selector(chosen)

    def answer(device: Device) -> str | Nothing:
        update = select(device)
        return update if isinstance(update, Nothing) else update.id

    return answer


def _goes_back(chosen: Chosen) -> Answer:
    select, read = _selector(chosen), decoder(VERSION, chosen.catalog.options)

    def answer(device: Device) -> bool:
        update = select(device)
        return isinstance(update, Update) and bool(update.version < read(device.get("version")))

    return answer


def _is_candidate(update: Update, catalog: Catalog) -> Answer:
    read = decoder(VERSION, catalog.options)

    def answer(device: Device) -> bool:
        version = read(device.get("version"))
        if version is None or product_of(device) != update.product:
            return False
        return bool(version < update.version or (update.allows_downgrade and version != update.version))

    return answer


def _state(cell: State) -> Answer:
    fact, decode = cell.fact, decoder(cell.fact.type, cell.policy.options)

    def answer(device: Device) -> Absent | None:
        raw = walk(device, fact.path[1:])
        if raw is None:
            return Absent.MISSING if fact.default is None else None
        value = decode(raw)
        return Absent.BAD if value is None or (isinstance(value, tuple) and None in value) else None

    return answer


def _stage(device: Device, salt: str, bounds: tuple[int, ...]) -> int | None:
    device_id = device_id_of(device, Options())
    if device_id is None:
        return None
    try:
        place = bucket(device_id, salt)
    except ValueError:
        return None
    return sum(bound <= place for bound in bounds)


def _type_at(type_: Type, path: Names) -> Type | None:
    """The declared type of a property; None where it is not declared."""
    for name in path:
        member = type_.members.get(name)
        if member is None:
            return None
        type_ = member.type
    return type_


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _text(raw: Any) -> str | None:
    return None if raw is None else show(raw)
