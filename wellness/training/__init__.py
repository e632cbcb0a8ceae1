"""Training: what staff do with a module, how they complete it, and what coaches assign and see of it.

For staff: `parts` (parts and progress), `check` (the questions), `reflections`, `friday` (the session with a class). For
coaches: `assignments`, `visits` and `roster`. `completion` decides, in the transaction of every act that could be the last one
missing, whether a module is completed or practiced now; `standing` reads where people are.
"""
