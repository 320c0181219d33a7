"""The store: everything that the service must not forget, in SQLite or PostgreSQL, by one code path.

Functions take a connection first and never commit; `Database.changing` and `Database.reading` give connections. Times are aware and
in UTC in Python, and whole microseconds since 1970 in columns, so both engines compare and keep them alike.

Locks are taken in one order, so that nobody waits in a circle: the account of an update (grants and reports), then its product
(catalog changes). SQLite has one lock for everything, taken when a change begins.
"""
