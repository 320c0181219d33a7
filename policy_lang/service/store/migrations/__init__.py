"""How the tables came to be, one step after the other; each step has a number, and later ones come after earlier ones."""
