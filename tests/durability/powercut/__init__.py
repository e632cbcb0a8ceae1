"""Power cuts: what a process asked the disk to keep is noted, and any point of it can be the last before the cut.

`record.c` is loaded into a real process and notes each of its writes, names and fsyncs. `disk` knows what has to have
survived at any point of these notes, by what fsync promises and no more. `day` is what happens in a school meanwhile and
how it is told afterwards that nothing which was acknowledged is lost.

What this shows: that the site asks for fsync of the right things in the right order, on any file system that keeps the promises
of POSIX. What it does not show: that a disk keeps them. A disk that lies about fsync loses what it acknowledged; no program can
help that.
"""
