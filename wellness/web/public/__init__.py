"""Pages that need no sign-in."""

from . import media, pages

BLUEPRINTS = (pages.bp, media.bp)
