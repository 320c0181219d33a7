"""Decide, safely and fast, which device gets which software update."""
