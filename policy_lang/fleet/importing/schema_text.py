"""A schema as the JSON Schema that `Schema.load` reads again."""

from typing import Any, Final

from policy_lang.types.model import Kind, Property, Type
from policy_lang.types.times import write_duration, write_timestamp

_PLAIN: Final = {
    Kind.BOOL: {"type": "boolean"},
    Kind.INT: {"type": "integer"},
    Kind.FLOAT: {"type": "number"},
    Kind.STRING: {"type": "string"},
    Kind.VERSION: {"type": "string", "format": "semver"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.DURATION: {"type": "string", "format": "duration"},
}


def schema_document(type_: Type) -> dict[str, Any]:
    """The JSON Schema of a type.

    >>> schema_document(Type(Kind.LIST, items=Type(Kind.INT)))
    {'type': 'array', 'items': {'type': 'integer'}}
    """
    if type_.kind is Kind.OBJECT:
        return _object(type_)
    if type_.kind is Kind.LIST:
        return {"type": "array"} if type_.items is None else {"type": "array", "items": schema_document(type_.items)}
    if type_.values is not None:
        return {"enum": list(type_.values)}
    return dict(_PLAIN[type_.kind])


def _object(type_: Type) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "object"}
    if type_.members or not type_.is_open:
        document["properties"] = {name: _property(each) for name, each in type_.members.items()}
    required = [name for name, each in type_.members.items() if each.is_required]
    if required:
        document["required"] = required
    return {**document, "additionalProperties": True} if type_.is_open and type_.members else document


def _property(declared: Property) -> dict[str, Any]:
    document = schema_document(declared.type)
    if declared.description:
        document["description"] = declared.description
    return document if declared.default is None else {**document, "default": _plain(declared.type, declared.default)}


def _plain(type_: Type, value: Any) -> Any:
    """A decoded value as JSON has it."""
    match type_.kind:
        case Kind.VERSION:
            return str(value)
        case Kind.TIMESTAMP:
            return write_timestamp(value)
        case Kind.DURATION:
            return write_duration(value)
        case Kind.LIST if type_.items is not None:
            return [_plain(type_.items, item) for item in value]
        case _:
            return value
