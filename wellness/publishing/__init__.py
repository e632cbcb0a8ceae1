"""The studio's use cases: writing, checking, publishing and restoring texts, and catching up with the log.

Drafts and the log of publications are records. The files of the library and the catalogue are made from the log; what is
edited in the folder by other hands is noticed and entered in the log. Plain functions: `drafting`, `publishing`,
`catching_up`. Each takes the `Stores` first; `by` is the member of staff who asks, `at` the instant, aware, in UTC.
"""
