"""The platforms' public keys, cached in the process.

A set is read again when it is ten minutes old, and for a key id it does not hold at most once in
30 seconds a registration (platforms rotate keys without notice). When reading fails, the set at
hand goes on being used.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Flask, current_app
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from lti_tool.core.clock import now
from lti_tool.core.http import FetchError, HttpClient
from lti_tool.core.logs import log
from lti_tool.lti.launch import Platform

FRESH = timedelta(minutes=10)
RETRY = timedelta(seconds=30)
SMALLEST_KEY = 2048


class KeysUnavailable(Exception):
    """The platform's key set could not be read and none is at hand."""


@dataclass
class _KeySet:
    address: str
    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    read_at: datetime | None = None
    tried_at: datetime | None = None
    sought_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class PlatformKeys:
    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._sets: dict[str, _KeySet] = {}
        self._lock = threading.Lock()

    def find(self, platform: Platform, kid: str) -> RSAPublicKey | None:
        """The key of this id; None when the platform has none. Raises KeysUnavailable.

        Call it only for a login of ours that is still open, so that nobody else can make us fetch.
        """
        with self._lock:
            held = self._sets.get(platform.id)
            if held is None or held.address != platform.jwks_url:
                held = self._sets[platform.id] = _KeySet(platform.jwks_url)
        known = held.keys.get(kid)
        if known is not None and held.lock.locked():
            return known  # somebody is reading the set just now; nobody need wait for that
        with held.lock:
            present = now()
            stale = held.read_at is None or present - held.read_at >= FRESH
            if stale and _rested(held.tried_at, present):
                self._read(held, present)
            elif kid not in held.keys and _rested(held.sought_at, present):
                held.sought_at = present
                self._read(held, present)
            if held.read_at is None:
                raise KeysUnavailable
            return held.keys.get(kid)

    def _read(self, held: _KeySet, present: datetime) -> None:
        held.tried_at = present
        try:
            document = self._client.get_json(held.address)
        except FetchError as error:
            log.warning("platform keys not read", host=held.address.split("/")[2], why=str(error))
            return
        keys = _parse(document)
        if keys is None:
            log.warning("platform keys not read", host=held.address.split("/")[2], why="no key set")
            return
        held.keys, held.read_at = keys, present


def _rested(last: datetime | None, present: datetime) -> bool:
    return last is None or present - last >= RETRY


def _parse(document: Any) -> dict[str, RSAPublicKey] | None:
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        return None
    keys = {}
    for item in document["keys"]:
        if not isinstance(item, dict) or not isinstance(item.get("kid"), str):
            continue
        if item.get("use", "sig") != "sig" or item.get("alg", "RS256") != "RS256":
            continue
        try:
            key = RSAAlgorithm.from_jwk(item)
        except (InvalidKeyError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY:
            keys[item["kid"]] = key
    return keys


def install(app: Flask, client: HttpClient) -> None:
    app.extensions["foyer.platform_keys"] = PlatformKeys(client)


def platform_key(platform: Platform, kid: str) -> RSAPublicKey | None:
    keys: PlatformKeys = current_app.extensions["foyer.platform_keys"]
    return keys.find(platform, kid)
