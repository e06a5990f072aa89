"""The entrance's routes hang here; the view modules add to it."""

from flask import Blueprint

blueprint = Blueprint("entrance", __name__)
