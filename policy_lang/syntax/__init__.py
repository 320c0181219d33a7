"""Policy text to the surface tree and back; knows nothing of types."""
