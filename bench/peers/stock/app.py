"""The usual PyLTI1p3 tool on Flask, as its documentation shows it.

One platform with a static key in the configuration, a cache for launch data, a nonce that is
looked up but not spent, nothing recorded. It is the measure for how fast a launch may be.
"""

import os
from pathlib import Path

from flask import Flask, render_template_string
from flask_caching import Cache
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.tool_config import ToolConfJsonFile
from werkzeug.middleware.proxy_fix import ProxyFix

CONFIG = Path(os.environ["STOCK_CONFIG"])

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app)
app.config.update(
    CACHE_TYPE=os.environ.get("STOCK_CACHE", "FileSystemCache"),
    CACHE_DIR=os.environ["STOCK_CACHE_DIR"],
    CACHE_DEFAULT_TIMEOUT=600,
    CACHE_THRESHOLD=100_000,
    SECRET_KEY="only-for-the-bench",
)
cache = Cache(app)

PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ name }} ({{ role }})</p>"


def tool_configuration():
    return ToolConfJsonFile(str(CONFIG))


@app.route("/login/", methods=["GET", "POST"])
def login():
    request = FlaskRequest()
    target = request.get_param("target_link_uri")
    storage = FlaskCacheDataStorage(cache)
    return FlaskOIDCLogin(request, tool_configuration(), launch_data_storage=storage).redirect(
        target
    )


@app.route("/launch/", methods=["POST"])
def launch():
    storage = FlaskCacheDataStorage(cache)
    message = FlaskMessageLaunch(FlaskRequest(), tool_configuration(), launch_data_storage=storage)
    claims = message.get_launch_data()
    role = "teacher" if message.check_teacher_access() else "student"
    return render_template_string(
        PAGE, title="A page of the tool", name=claims.get("name", ""), role=role
    )
