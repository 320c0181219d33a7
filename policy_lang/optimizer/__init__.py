"""Rewrites of a core tree into one with fewer tests; each gives the same result, unknown included, for every device."""
