"""What the fields of a test file may hold: one reader for each kind of value, as for catalogs."""

from collections.abc import Collection, Mapping
from typing import Any

from policy_lang.catalog.fields import WrongValue, read_text
from policy_lang.documents.problems import quote
from policy_lang.selection.model import Gate
from policy_lang.suggest import did_you_mean
from policy_lang.testing.model import OUTCOMES, Verdict
from policy_lang.types.decode import describe


def read_file_name(raw: object) -> str:
    """The name of a file; it starts at the folder of the test file."""
    if not isinstance(raw, str) or not raw.strip():
        shown = "empty" if isinstance(raw, str) else describe(raw)
        raise WrongValue("PL506", f"must be the name of a file, not {shown}", "the path starts at the folder of the test file")
    return raw


def read_properties(raw: object) -> str | Mapping[str, Any]:
    """The properties of a device or an update, or the name of the file that has them."""
    if isinstance(raw, Mapping):
        return raw
    if isinstance(raw, str) and raw.strip():
        return raw
    shown = "empty" if isinstance(raw, str) else describe(raw)
    remedy = "write its properties, for example `{region: us-west}`, or the name of a file"
    raise WrongValue("PL506", f"must be an object or the name of a file, not {shown}", remedy)


def read_verdict(raw: object) -> str:
    """What a case expects of a policy."""
    return _one_of(raw, [str(verdict) for verdict in Verdict], "write `match`, `no match` or `unknown`")


def read_outcome(raw: object, ids: Collection[str] | None) -> str:
    """What a case expects of a catalog: the id of an update, or that there is none; without ids, nobody knows which there are."""
    text = read_text(raw)
    if ids is None:
        return text
    if text in OUTCOMES and text in ids:
        remedy = "give the update another id; this word says that the device gets none"
        raise WrongValue("PL507", f"is ambiguous: {quote(text)} is also the id of an update", remedy)
    return _one_of(text, [*ids, *OUTCOMES], f"write the id of an update, or {', '.join(f'`{word}`' for word in OUTCOMES)}")


def read_gates(raw: object, ids: Collection[str] | None) -> dict[str, Gate]:
    """What stopped each of some updates, by their ids."""
    if not isinstance(raw, Mapping):
        remedy = "write ids with what stopped each, for example `{release-7: outside rollout}`"
        raise WrongValue("PL506", f"must be an object, not {describe(raw)}", remedy)
    return {read_update_id(name, ids): _read_gate(name, gate) for name, gate in raw.items()}


def read_update_id(name: str, ids: Collection[str] | None) -> str:
    """The id of an update of the catalog."""
    return name if ids is None else _one_of(name, list(ids), "write the id of an update of the catalog")


def read_cause(raw: object, properties: Collection[str] | None) -> str:
    """A property that the policy reads."""
    text = read_text(raw)
    return text if properties is None else _one_of(text, list(properties), _reads(properties))


def _reads(properties: Collection[str]) -> str:
    return f"the policy reads {', '.join(f'`{name}`' for name in properties)}" if properties else "the policy reads no property"


def _read_gate(name: str, raw: object) -> Gate:
    gates = [str(gate) for gate in Gate]
    if not isinstance(raw, str):
        raise WrongValue("PL506", f"has {describe(raw)} for {quote(name)}", f"write {', '.join(f'`{gate}`' for gate in gates)}")
    return Gate(_one_of(raw, gates, f"write {', '.join(f'`{gate}`' for gate in gates)}"))


def _one_of(raw: object, known: list[str], remedy: str) -> str:
    text = read_text(raw)
    if text not in known:
        raise WrongValue("PL507", f"names {quote(text)}, which is not known", did_you_mean(text, known) or remedy)
    return text
