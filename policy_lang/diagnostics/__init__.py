"""Findings as data, and one renderer for each way to show them."""
