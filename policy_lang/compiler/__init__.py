"""The core tree made to run: closures, binding to an update, explanations."""
