"""Rewrites of the core that keep every result: true, false and unknown."""
