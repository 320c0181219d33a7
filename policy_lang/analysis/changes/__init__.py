"""Changes of a device's properties, and how the nearest one is found; `policy_lang.analysis.nearest` is the way in."""
