// Prints what the built files weigh, compressed, and checks that no page grows too heavy.

import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { fileURLToPath } from "node:url";

const LIMITS_KB = { "app.css": 9, "core.js": 12 };
// What a page fetches before anything is played; its HTML comes on top (about 5 and 2 kB).
const PAGES_KB = {
  "media page": [["media.css", "core.js", "media.js"], 52],
  "opening page of an invitation": [["app.css", "device.js"], 12],
};

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, "lti_tool", "static");
const manifest = JSON.parse(fs.readFileSync(path.join(target, "manifest.json"), "utf8"));
const listed = new Set(Object.values(manifest));
const built = fs.statSync(path.join(target, "manifest.json")).mtimeMs;
const parts = fs
  .readdirSync(target)
  .filter((file) => /^part-.*\.(js|css)$/.test(file) && !listed.has(file))
  .filter((file) => built - fs.statSync(path.join(target, file)).mtimeMs < 30_000);

const weight = (file) =>
  zlib.gzipSync(fs.readFileSync(path.join(target, file)), { level: 9 }).length / 1000;

let over = 0;
function line(name, packed, limit) {
  const verdict = !limit ? "" : packed <= limit ? `(at most ${limit})` : `TOO HEAVY, at most ${limit}`;
  if (limit && packed > limit) over += 1;
  console.log(`${name.padEnd(32)} ${packed.toFixed(1).padStart(7)} kB gz  ${verdict}`);
}

for (const [name, file] of [...Object.entries(manifest), ...parts.map((file) => [`  ${file}`, file])]) {
  if (/\.(js|css)$/.test(file)) line(name, weight(file), LIMITS_KB[name]);
}
for (const [page, [names, limit]] of Object.entries(PAGES_KB)) {
  const files = names.map((name) => manifest[name]);
  if (files.every(Boolean)) line(page, files.reduce((sum, file) => sum + weight(file), 0), limit);
}
process.exitCode = over ? 1 : 0;
