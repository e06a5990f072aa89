"""A file as Flask's documentation serves it: send_file, conditional, nobody asked who is there."""

import os

from flask import Flask, send_file

app = Flask(__name__)


@app.get("/file")
def file():
    return send_file(os.environ["STOCK_FILE"], mimetype="video/mp4", conditional=True)
