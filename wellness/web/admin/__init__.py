"""Admin pages."""

from . import views

BLUEPRINTS = (views.bp,)
