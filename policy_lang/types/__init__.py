"""Types, values, schemas, functions and the typed core tree; knows nothing of how policies are written."""
