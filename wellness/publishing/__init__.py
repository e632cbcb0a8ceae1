"""The studio's use cases: writing, checking, publishing and restoring texts, and syncing with the publication log.

Drafts and the log of publications are records. The files of the library and the catalogue are made from the log; what is
edited in the folder by other programs is entered in the log. Plain functions in `drafts`, `publish`,
`sync`. Each takes the `Stores` first; `by` is the staff member, `at` the time, aware, in UTC.
"""
