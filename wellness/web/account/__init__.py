"""The pages of one's own account."""

from . import views

BLUEPRINTS = (views.bp,)
