"""Training: what staff do with a module, how they come to a certificate, and what coaches ask for and see of it.

`taking` (parts, and where somebody stands), `trying` (the check), `reflecting` (words of one's own), `facilitating` (the
one real Friday), `certifying`; for coaches `assigning`, `visiting` and `rostering`. `settling` decides, in the transaction
of every act that could be the last one missing, whether a module is completed or practised now.
"""
