"""Semantic versions: their order, their sortable key, and sets of them."""
