"""The bridge from the surface tree to the core: names, types, and what literals mean."""
