"""Training: what staff do with a module, how they complete it, and what coaches assign and see.

For staff: `parts` (parts and progress), `check` (the questions), `reflections` (notes), `friday` (the session with a class).
For coaches: `assignments`, `visits` and `roster`. `standing` reads progress. `completion` runs in the transaction of every
write that may be the last requirement, and decides whether the module is now completed or practiced.
"""
