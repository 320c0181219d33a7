"""Catalogs of updates, read strictly: every field is checked, every finding has a place, and nothing malformed means "everyone"."""
