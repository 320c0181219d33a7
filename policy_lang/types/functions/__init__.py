"""The functions, methods, members and operators of the language: rows by subject."""
