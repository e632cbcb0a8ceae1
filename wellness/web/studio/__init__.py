"""The studio: drafts, videos, packs and publishing. Each module's `register` adds its addresses to the one blueprint."""

from flask import Blueprint

from . import editor, packs, publish, texts_list, videos

bp = Blueprint("studio", __name__, url_prefix="/coach/studio")
for module in (texts_list, editor, videos, packs, publish):
    module.register(bp)

BLUEPRINTS = (bp,)
