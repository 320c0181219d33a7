from strategies import DEFAULTS_SCHEMA, SCHEMA

from policy_lang.fleet.importing.schema_text import schema_document
from policy_lang.types.schema import Schema


def test_a_schema_is_read_back_as_it_was() -> None:
    for schema in (SCHEMA, DEFAULTS_SCHEMA, Schema()):
        assert Schema.load(schema_document(schema.device)).device == schema.device


def test_details_are_kept() -> None:
    document = {
        "type": "object",
        "properties": {
            "a": {"type": "boolean", "description": "whether"},
            "seen": {"type": "string", "format": "date-time", "default": "2026-05-01T00:00:00Z"},
            "slots": {"type": "array", "items": {"type": "integer"}, "default": [1, 2]},
            "open": {"type": "object"},
            "half": {"type": "object", "properties": {"b": {"type": "number"}}, "additionalProperties": True},
        },
        "required": ["a"],
    }
    schema = Schema.load(document)
    assert Schema.load(schema_document(schema.device)).device == schema.device
