"""The least an invitation can be: a signed id, one row, one conditional UPDATE.

No rights, no audit, no device, no session: the floor under any tool of this kind in Flask.
"""

import os
import secrets
import threading

import psycopg
from flask import Flask, abort, jsonify, request
from itsdangerous import BadSignature, URLSafeSerializer

app = Flask(__name__)
signer = URLSafeSerializer("only-for-the-bench")
local = threading.local()


def database():
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
    return local.connection


@app.post("/invite")
def invite():
    number = secrets.token_hex(16)
    email = request.get_json()["email"]
    database().execute("INSERT INTO invitation (id, email) VALUES (%s, %s)", (number, email))
    return jsonify(link=f"/redeem/{signer.dumps(number)}"), 201


@app.post("/redeem/<token>")
def redeem(token):
    try:
        number = signer.loads(token)
    except BadSignature:
        abort(404)
    done = database().execute(
        "UPDATE invitation SET used_at = now() WHERE id = %s AND email = %s AND used_at IS NULL",
        (number, request.form["email"]),
    )
    return ("welcome", 200) if done.rowcount == 1 else ("no", 409)
