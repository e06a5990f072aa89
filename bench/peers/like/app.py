"""The least a search for people can be: one table, LIKE with % on both sides, the first eight.

No session, no rights, no accents: what is written in an afternoon. The table is there already.
"""

import os
import sqlite3
import threading

import psycopg
from flask import Flask, jsonify, request

app = Flask(__name__)
local = threading.local()
DATABASE = os.environ["LIKE_DATABASE"]
SIGN = "?" if DATABASE.startswith("sqlite:///") else "%s"


def database():
    if not hasattr(local, "connection"):
        if DATABASE.startswith("sqlite:///"):
            local.connection = sqlite3.connect(DATABASE.removeprefix("sqlite:///"))
        else:
            local.connection = psycopg.connect(DATABASE, autocommit=True)
    return local.connection


@app.get("/people")
def people():
    words = request.args["q"].lower().split()
    each = " AND ".join([f"(lower(name) LIKE {SIGN} OR lower(email) LIKE {SIGN})"] * len(words))
    values = [f"%{word}%" for word in words for _ in range(2)]
    found = database().execute(
        f"SELECT name, email FROM person WHERE {each} ORDER BY name LIMIT 8", values
    )
    return jsonify(people=[{"name": name, "email": email} for name, email in found])
