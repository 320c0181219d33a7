"""Images: where the files of updates lie, how they get there, and the URLs by which devices fetch them.

`model` says what a store is, `s3` and `folder` are the two kinds, `settings` describes them in a file, `stores` opens what the
settings name, `route` serves a folder, and `publish` brings an image into a store before anything is offered.
"""
