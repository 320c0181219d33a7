"""YAML, TOML, JSON, JSON5 and NDJSON as plain values that know where each field was written."""
