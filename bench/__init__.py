"""Scripts that measure; their tables stand in docs/performance.md."""
