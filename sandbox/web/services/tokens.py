"""The OAuth 2 token endpoint (Security Framework 1.0 §4.1)."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.services import service_urls
from sandbox.services.tokens import TokenRefused, grant
from sandbox.web.current import current_platform
from sandbox.web.services.calls import service
from sandbox.web.services.routes import at_each

endpoint = Blueprint("token", __name__)


@at_each(endpoint, lambda product: product.tokens.path, ["POST"])
@service("token")
def token(tool: int | None = None) -> ResponseReturnValue:
    """Grant scopes as the product does, or say in OAuth words why not."""
    platform = current_platform()
    try:
        owner = service_urls.school_of_tool(platform, tool) if tool is not None else None
        answer = grant(
            platform, platform.services.product.tokens, request.form, request.base_url, owner
        )
    except TokenRefused as refused:
        return _refusal(refused)
    g.bearer = platform.access_tokens[answer["access_token"]]
    return jsonify(answer), 200, {"Cache-Control": "no-store"}


def _refusal(refused: TokenRefused) -> ResponseReturnValue:
    product = current_platform().services.product
    body = {"error": refused.error, "error_description": refused.description}
    status = product.tokens.refusal if refused.error == "invalid_client" else 400
    detail = {"X-Tsugi-LTI13-Error-Detail": refused.description}
    return jsonify(body), status, detail if product.name == "sakai" else {}
