"""Tests of policies as data files: load them, run them, measure what they cover, and let pytest collect them."""
