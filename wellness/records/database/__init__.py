"""How the records are stored: engines, transactions, failures, copies."""
