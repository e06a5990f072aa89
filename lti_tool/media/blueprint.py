"""The media room's routes hang here; the view modules add to it."""

from flask import Blueprint

blueprint = Blueprint("media", __name__)
