"""Which update a device gets: candidates, gates, limits, and on request the reasons."""
