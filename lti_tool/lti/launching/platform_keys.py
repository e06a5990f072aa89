"""The platforms' public keys (JWKS), cached in the process.

A set is read again when it is ten minutes old, and for a key id it does not hold at most once in
30 seconds a registration (platforms rotate keys without notice). When reading fails, the set at
hand goes on being used, and the address rests for 30 seconds. One launch at a time reads; the
others use the key at hand or wait for a few seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Flask, current_app
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from lti_tool.core.clock import now
from lti_tool.core.http import FetchError, HttpClient
from lti_tool.core.logs import log
from lti_tool.lti.launch import Platform
from lti_tool.lti.rules import platform_id

FRESH = timedelta(minutes=10)
RETRY = timedelta(seconds=30)
PATIENCE = 5.0
"""Seconds a launch waits for another one's reading, so that a slow platform cannot use up all
threads."""
SMALLEST_KEY = 2048
QUICK = timedelta(seconds=3)
"""A set that could not be read is asked for once more where the key sought is not at hand, so that
a hiccup of the platform shuts nobody out; but not where the first took longer: a person waits."""
_TRANSIENT = frozenset({"unreachable", "timeout", "unavailable", "proxy", "not-json"})
"""Of not-json is a page of maintenance, as a gateway answers with 200."""
MOST_OF_ONE_ID = 8

Keys = Mapping[str, tuple[RSAPublicKey, ...]]
"""By their ids; several may share one, as after a rotation that kept it. "" names the only usable
key of a set, where that has no id: it is taken for whichever id a message names."""


class KeysUnavailable(Exception):
    """The key is not at hand, and the platform's key set could not be read just now."""


@dataclass
class _KeySet:
    address: str
    keys: Keys = field(default_factory=dict)
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

    def find(self, platform: Platform, kid: str) -> tuple[RSAPublicKey, ...]:
        """Find the keys of this id; none when the platform has none.

        Raises KeysUnavailable, also where the set at hand lacks the key and could not be read anew:
        the platform may have changed its keys. Call it only for a login of ours that is still open,
        so that nobody else can make us fetch.
        """
        with self._lock:
            held = self._sets.get(platform.id)
            if held is None or held.address != platform.jwks_url:
                held = self._sets[platform.id] = _KeySet(platform.jwks_url)
        known = _of(held.keys, kid)
        # Where another launch is reading the set just now, a key at hand need not wait for it.
        if not held.lock.acquire(timeout=0 if known else self._patience):
            if not known:
                raise KeysUnavailable
            return known
        try:
            self._refresh(held, kid)
        finally:
            held.lock.release()
        found = _of(held.keys, kid)
        if not found and held.failed_at is not None:
            raise KeysUnavailable
        return found

    def _refresh(self, held: _KeySet, kid: str) -> None:
        present = now()
        if not _rested(held.failed_at, present):
            return
        if held.read_at is None or present - held.read_at >= FRESH:
            self._read(held, kid)
        elif not _of(held.keys, kid) and _rested(held.sought_at, present):
            held.sought_at = present
            self._read(held, kid)

    def _read(self, held: _KeySet, kid: str) -> None:
        try:
            keys = usable_keys(self._fetched(held, kid))
        except FetchError as error:
            self._failed(held, str(error))
            return
        if keys is None:
            self._failed(held, "no key set")
            return
        held.keys, held.read_at, held.failed_at = keys, now(), None

    def _fetched(self, held: _KeySet, kid: str) -> Any:
        began = now()
        try:
            return self._client.get_json(held.address)
        except FetchError as error:
            at_hand = bool(_of(held.keys, kid))
            if at_hand or error.reason not in _TRANSIENT or now() - began > QUICK:
                raise
        return self._client.get_json(held.address)

    def _failed(self, held: _KeySet, why: str) -> None:
        held.failed_at = now()
        log.warning("platform keys not read", host=held.address.split("/")[2], why=why)


def _rested(last: datetime | None, present: datetime) -> bool:
    return last is None or present - last >= RETRY


def _of(keys: Keys, kid: str) -> tuple[RSAPublicKey, ...]:
    return keys.get(kid) or keys.get("", ())


def usable_keys(document: Any) -> Keys | None:
    """Read the keys of a set that may sign a launch, by their ids; None for what is no key set."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        return None
    keys: dict[str, tuple[RSAPublicKey, ...]] = {}
    for item in document["keys"]:
        key = _usable(item)
        if key is None:
            continue
        named = item.get("kid")
        kid = "" if named is None else platform_id(named)
        if kid is not None and len(keys.get(kid, ())) < MOST_OF_ONE_ID:
            keys[kid] = (*keys.get(kid, ()), key)
    alone = sum(map(len, keys.values())) == 1
    return keys if alone else {kid: found for kid, found in keys.items() if kid}


def _usable(item: Any) -> RSAPublicKey | None:
    if not isinstance(item, dict):
        return None
    said = {name: value for name, value in item.items() if value is not None}
    if said.get("use", "sig") != "sig" or said.get("alg", "RS256") != "RS256":
        return None
    if "d" in said:  # A private key, which makes the library look for its factors, however large.
        return None
    try:
        key = RSAAlgorithm.from_jwk(said)
    except (InvalidKeyError, ValueError, TypeError, KeyError):
        return None
    fits = isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY
    return cast(RSAPublicKey, key) if fits else None


def install(app: Flask, client: HttpClient) -> None:
    app.extensions["foyer.platform_keys"] = PlatformKeys(client)


def platform_keys(platform: Platform, kid: str) -> tuple[RSAPublicKey, ...]:
    keys: PlatformKeys = current_app.extensions["foyer.platform_keys"]
    return keys.find(platform, kid)
