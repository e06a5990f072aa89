// Builds frontend/ into lti_tool/static/ and writes lti_tool/static/manifest.json, the
// book in which asset("media.js") looks up "media-ABC123.js".
//
// What becomes a file is decided by names alone; nothing has to be registered here:
//   frontend/core/index.ts          → core.js   on every page; everything it exports is shared
//   frontend/<room>/index.ts        → <room>.js
//   frontend/<room>/<x>.entry.ts    → <x>.js    another page of that room
//   frontend/<room>/<x>.standalone.ts    → <x>.js    carries its own copy of what it takes from core:
//                                               for pages that must be tiny and leave core.js out
//   frontend/<room>/<x>.worker.ts   → <x>.worker.js   one file; hand its address over in a data attribute
//   frontend/<room>/<x>.css         → <x>.css   (names beginning with _ are only imported)
// Rooms import core as "../core/<module>"; it is loaded once for all of them. A dynamic
// import("./player") becomes a file of its own that is fetched when it is reached.
// Names must be unique across rooms. A room that does not compile keeps its last good
// files and makes the build fail at the end.

import { build } from "esbuild";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(root, "frontend");
const target = path.join(root, "lti_tool", "static");
const manifestFile = path.join(target, "manifest.json");
const LEFTOVERS_KEPT_MS = 60 * 60 * 1000;

const common = {
  absWorkingDir: root,
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox115", "safari16.4"],
  charset: "utf8",
  legalComments: "linked",
  metafile: true,
  write: false,
  sourcemap: false,
  logLevel: "warning",
  entryNames: "[name]-[hash]",
  chunkNames: "part-[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: {
    ".woff": "file",
    ".woff2": "file",
    ".svg": "file",
    ".png": "file",
    ".ttf": "file",
  },
};

/** Entries of one room, grouped by how they are bundled. */
function entriesOf(room) {
  const groups = { shared: {}, standalone: {}, styles: {} };
  const seen = fs.readdirSync(path.join(source, room));
  for (const file of seen.sort()) {
    const full = path.join(source, room, file);
    if (file === "index.ts") groups.shared[room] = full;
    else if (file.endsWith(".entry.ts")) groups.shared[file.slice(0, -9)] = full;
    else if (file.endsWith(".standalone.ts")) groups.standalone[file.slice(0, -14)] = full;
    else if (file.endsWith(".worker.ts")) groups.standalone[file.slice(0, -3)] = full;
    else if (file.endsWith(".css") && !file.startsWith("_")) {
      groups.styles[file.slice(0, -4)] = full;
    }
  }
  return groups;
}

/** Sends imports that reach frontend/core/ to the one built core file. */
function coreIsElsewhere(address) {
  const core = path.join(source, "core") + path.sep;
  return {
    name: "core-is-elsewhere",
    setup(builder) {
      builder.onResolve({ filter: /^\.\.?\// }, (found) => {
        const wanted = path.resolve(found.resolveDir, found.path);
        return wanted.startsWith(core) ? { path: `./${address}`, external: true } : undefined;
      });
    },
  };
}

/** video.js carries its icons twice: as a font inside its style sheet, which our policy refuses, and as pictures. */
const withoutInlineFonts = {
  name: "without-inline-fonts",
  setup(builder) {
    builder.onLoad({ filter: /video-js\.css$/ }, ({ path: file }) => ({
      contents: fs.readFileSync(file, "utf8").replace(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    }));
  },
};

const named = {};
const written = new Map();
const packages = new Set();

/** Runs esbuild for some entries and notes what came out; the files are written at the end. */
async function bundle(entries, extension, options = {}) {
  if (Object.keys(entries).length === 0) return;
  const result = await build({ ...common, ...options, entryPoints: entries });
  for (const file of result.outputFiles) written.set(path.basename(file.path), file.contents);
  for (const [out, facts] of Object.entries(result.metafile.outputs)) {
    for (const [name, entry] of Object.entries(entries)) {
      if (facts.entryPoint && path.resolve(root, facts.entryPoint) === entry && out.endsWith(extension)) {
        const key = name + extension;
        if (named[key]) throw new Error(`two rooms build ${key}`);
        named[key] = path.basename(out);
      }
    }
  }
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
}

async function buildRoom(room) {
  const { shared, standalone, styles } = entriesOf(room);
  const coreAddress = named["core.js"];
  const plugins = room === "core" || !coreAddress ? [] : [coreIsElsewhere(coreAddress)];
  await bundle(shared, ".js", { splitting: true, plugins });
  await bundle(standalone, ".js");
  await bundle(styles, ".css", { plugins: [withoutInlineFonts] });
}

/** pdf.js fetches character maps and standard fonts one by one, when a document needs them. */
function copyPdfData() {
  const from = path.join(root, "node_modules", "pdfjs-dist");
  if (!fs.existsSync(from)) return;
  const { version } = JSON.parse(fs.readFileSync(path.join(from, "package.json"), "utf8"));
  const folder = `pdfjs-${version}`;
  for (const part of ["cmaps", "standard_fonts", "wasm"]) {
    fs.cpSync(path.join(from, part), path.join(target, folder, part), { recursive: true });
  }
  named["pdfjs/"] = `${folder}/`;
}

/** The player's own words, in the languages of our pages; it fetches those of the page it is on.
    What its authors have not translated, or in words that nobody here uses, is added from ours. */
function takePlayerWords() {
  const catalogues = path.join(root, "lti_tool", "translations");
  const words = path.join(root, "node_modules", "video.js", "dist", "lang");
  const ours = readWords(path.join(root, "frontend", "media", "player-words.json"));
  for (const folder of fs.readdirSync(catalogues, { withFileTypes: true })) {
    const language = folder.name.replaceAll("_", "-");
    const file = path.join(words, `${language}.json`);
    if (!folder.isDirectory() || !fs.existsSync(file)) continue;
    const contents = Buffer.from(JSON.stringify({ ...readWords(file), ...ours[language] }));
    const hash = crypto.createHash("sha256").update(contents).digest("hex").slice(0, 8);
    named[`player.${language}.json`] = `player.${language}-${hash}.json`;
    written.set(named[`player.${language}.json`], contents);
  }
}

function readWords(file) {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

function licences() {
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = path.join(root, "node_modules", name);
    const facts = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
    const file = fs.readdirSync(folder).find((found) => /^licen[cs]e/i.test(found));
    const text = file ? fs.readFileSync(path.join(folder, file), "utf8").trim() : "";
    parts.push(`${name} ${facts.version} (${facts.license ?? "see text"})\n\n${text}`);
  }
  return parts.join(`\n\n${"-".repeat(72)}\n\n`) + "\n";
}

function writeIfNew(name, contents) {
  const file = path.join(target, name);
  if (fs.existsSync(file)) {
    const today = new Date();
    fs.utimesSync(file, today, today);
    return;
  }
  fs.writeFileSync(`${file}.new`, contents);
  fs.renameSync(`${file}.new`, file);
}

function replace(name, contents) {
  fs.writeFileSync(path.join(target, `${name}.new`), contents);
  fs.renameSync(path.join(target, `${name}.new`), path.join(target, name));
}

/** Files of earlier builds go after an hour, so that a running server keeps what it promised. */
function sweep() {
  const kept = new Set(["manifest.json", "LICENSES.txt"]);
  const now = Date.now();
  for (const item of fs.readdirSync(target, { withFileTypes: true })) {
    if (!item.isFile() || kept.has(item.name)) continue;
    const file = path.join(target, item.name);
    if (now - fs.statSync(file).mtimeMs > LEFTOVERS_KEPT_MS) fs.rmSync(file);
  }
}

const before = fs.existsSync(manifestFile) ? JSON.parse(fs.readFileSync(manifestFile, "utf8")) : {};
fs.mkdirSync(target, { recursive: true });

const rooms = fs
  .readdirSync(source, { withFileTypes: true })
  .filter((item) => item.isDirectory())
  .map((item) => item.name)
  .sort((a, b) => (a === "core" ? -1 : b === "core" ? 1 : a.localeCompare(b)));

let failed = 0;
for (const room of rooms) {
  try {
    await buildRoom(room);
  } catch (error) {
    failed += 1;
    if (!error.errors) console.error(error.message);
    console.error(`frontend/${room} was not built`);
  }
}
copyPdfData();
takePlayerWords();

for (const [name, contents] of written) {
  writeIfNew(name, contents);
  if (/\.(js|css|json)$/.test(name)) writeIfNew(`${name}.gz`, zlib.gzipSync(contents, { level: 9 }));
}
if (packages.size) replace("LICENSES.txt", licences());
const manifest = failed ? { ...before, ...named } : named;
replace("manifest.json", JSON.stringify(manifest, Object.keys(manifest).sort(), 1) + "\n");
sweep();

for (const [name, file] of Object.entries(named).sort()) {
  const contents = written.get(file);
  if (!contents) continue;
  const packed = zlib.gzipSync(contents, { level: 9 }).length;
  console.log(`${name.padEnd(24)} ${(contents.length / 1000).toFixed(1).padStart(8)} kB ${(packed / 1000).toFixed(1).padStart(7)} kB gz`);
}
process.exitCode = failed ? 1 : 0;
