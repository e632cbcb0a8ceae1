"""Packs in the studio: chosen texts as one zip, and a colleague's zip looked at before anything is written."""

from __future__ import annotations

from flask import render_template

from ..policy import Action
from .access import requires
from .studio import bp


@bp.get("/packs")
@requires(Action.WRITE)
def packs() -> str:
    """Choose what to send, or bring what a colleague sent."""
    return render_template("studio/packs.html")
