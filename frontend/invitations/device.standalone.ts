/**
 * Proves that this is the browser that used the link before. The key is made once, cannot be
 * exported, and stays in this browser; only its public half and a signature leave it.
 * Where anything of this fails, the form is sent as it is and a cookie stands in.
 */

import { forgetSubmitter, keepSubmitter } from "../core/submitter";

const CHALLENGE_IS_OLD_MS = 4 * 60 * 1000;
const PATIENCE_MS = 4000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

const loadedAt = Date.now();

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage"));
  });
}

async function openStore(): Promise<IDBDatabase> {
  const opening = indexedDB.open("foyer-device", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  return settled(opening);
}

/** The browser's key pair; of two tabs that make one at the same time, the first to store wins. */
async function deviceKey(): Promise<CryptoKeyPair> {
  const store = await openStore();
  try {
    const kept = await settled<CryptoKeyPair | undefined>(
      store.transaction("keys").objectStore("keys").get("device"),
    );
    if (kept) return kept;
    const made = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    const keys = store.transaction("keys", "readwrite").objectStore("keys");
    const other = await settled<CryptoKeyPair | undefined>(keys.get("device"));
    if (other) return other;
    await settled(keys.put(made, "device"));
    return made;
  } finally {
    store.close();
  }
}

function base64url(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}

async function freshChallenge(form: HTMLFormElement): Promise<string> {
  const field = form.elements.namedItem("challenge");
  if (!(field instanceof HTMLInputElement)) throw new Error("no challenge");
  const address = form.dataset["challenge"];
  if (address && Date.now() - loadedAt > CHALLENGE_IS_OLD_MS) {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (answer.ok) field.value = ((await answer.json()) as { challenge: string }).challenge;
  }
  return field.value;
}

async function prove(form: HTMLFormElement): Promise<void> {
  const [challenge, pair] = await Promise.all([freshChallenge(form), deviceKey()]);
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    pair.privateKey,
    new TextEncoder().encode(challenge),
  );
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  fill(form, "device_key", JSON.stringify({ kty, crv, x, y }));
  fill(form, "device_signature", base64url(signature));
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-device]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.hasAttribute("data-sending")) return;
    form.setAttribute("data-sending", "");
    keepSubmitter(form, event.submitter);
    void Promise.race([prove(form), patience()])
      .catch(() => undefined)
      .then(() => form.submit());
  });
}

// A page that comes back from the browser's memory can be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-device]")) {
    form.removeAttribute("data-sending");
    forgetSubmitter(form);
  }
});
