"""The platforms' public keys (JWKS), cached in the process.

A set is read again when it is ten minutes old, and for a key id it does not hold at most once in
30 seconds a registration (platforms rotate keys without notice). When reading fails, the set at
hand goes on being used, and the address rests for 30 seconds. One launch at a time reads; the
others use the key at hand or wait for a few seconds.
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
PATIENCE = 5.0
"""Seconds a launch waits for another one's reading, so that a slow platform cannot use up all
threads."""
SMALLEST_KEY = 2048


class KeysUnavailable(Exception):
    """The key is not at hand, and the platform's key set could not be read just now."""


@dataclass
class _KeySet:
    address: str
    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    read_at: datetime | None = None
    failed_at: datetime | None = None
    sought_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class PlatformKeys:
    """The key sets (JWKS) of all platforms, each fetched when it is needed and kept."""

    def __init__(self, client: HttpClient, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self._sets: dict[str, _KeySet] = {}
        self._lock = threading.Lock()

    def find(self, platform: Platform, kid: str) -> RSAPublicKey | None:
        """Find the key of this id; None when the platform has none.

        Raises KeysUnavailable. Call it only for a login of ours that is still open, so that nobody
        else can make us fetch.
        """
        with self._lock:
            held = self._sets.get(platform.id)
            if held is None or held.address != platform.jwks_url:
                held = self._sets[platform.id] = _KeySet(platform.jwks_url)
        known = held.keys.get(kid)
        # Where another launch is reading the set just now, a key at hand need not wait for it.
        if not held.lock.acquire(timeout=self._patience if known is None else 0):
            if known is None:
                raise KeysUnavailable
            return known
        try:
            self._refresh(held, kid)
        finally:
            held.lock.release()
        if held.read_at is None:
            raise KeysUnavailable
        return held.keys.get(kid)

    def _refresh(self, held: _KeySet, kid: str) -> None:
        present = now()
        if not _rested(held.failed_at, present):
            return
        if held.read_at is None or present - held.read_at >= FRESH:
            self._read(held)
        elif kid not in held.keys and _rested(held.sought_at, present):
            held.sought_at = present
            self._read(held)

    def _read(self, held: _KeySet) -> None:
        try:
            keys = usable_keys(self._client.get_json(held.address))
        except FetchError as error:
            self._failed(held, str(error))
            return
        if keys is None:
            self._failed(held, "no key set")
            return
        held.keys, held.read_at, held.failed_at = keys, now(), None

    def _failed(self, held: _KeySet, why: str) -> None:
        held.failed_at = now()
        log.warning("platform keys not read", host=held.address.split("/")[2], why=why)


def _rested(last: datetime | None, present: datetime) -> bool:
    return last is None or present - last >= RETRY


def usable_keys(document: Any) -> dict[str, RSAPublicKey] | None:
    """Read the keys of a set that may sign a launch, by their ids; None for what is no key set."""
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
