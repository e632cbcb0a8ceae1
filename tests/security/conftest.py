"""What the tests of this folder may ask for, besides what every test may: the matrix of routes."""

from __future__ import annotations

from tests.security.test_access import matrix

__all__ = ["matrix"]
