"""Compiled catalogs: a catalog as checked data, so that a service starts without the parser; docs/decisions/0014."""
