"""One small file for each SQL engine: its spellings, its casts and collations, and what it cannot do exactly."""
