"""HTTP itself: headers, cross-site checks, rate limits, uploads, static files, CSV."""
