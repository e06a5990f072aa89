"""One sentence by Jinja, from Flask alone: what the server itself costs."""

from flask import Flask, render_template_string

app = Flask(__name__)


@app.get("/")
def page():
    return render_template_string("<!doctype html><title>{{ name }}</title>{{ name }}", name="Film")
