// Copies the icons named here from lucide-static (ISC) into templates/core/icons/.
// Run by hand when an icon is added:
//   npm install --no-save lucide-static@1.62.0 && node frontend/icons.mjs
// The pictures themselves are committed, so an ordinary build does not need the package.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const names = `
arrow-left arrow-right ban calendar check chevron-down chevron-left chevron-right circle-alert
circle-check clock copy download ellipsis-vertical external-link eye file-text film folder-open
globe headphones image info key-round link list-video lock log-in mail maximize mic minus monitor-smartphone
pause pencil play plus refresh-cw rotate-ccw search send settings shield-check smartphone
ticket trash-2 triangle-alert upload user user-plus users x
`.trim().split(/\s+/);

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const from = path.join(root, "node_modules", "lucide-static");
const to = path.join(root, "templates", "core", "icons");

fs.mkdirSync(to, { recursive: true });
for (const name of names) {
  const drawn = fs.readFileSync(path.join(from, "icons", `${name}.svg`), "utf8");
  const inside = drawn.slice(drawn.indexOf(">", drawn.indexOf("<svg")) + 1, drawn.lastIndexOf("</svg>"));
  const shapes = inside.replace(/\s+/g, " ").replace(/ \/>/g, "/>").replace(/> </g, "><").trim();
  fs.writeFileSync(
    path.join(to, `${name}.svg`),
    `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes}</svg>`,
  );
}
fs.copyFileSync(path.join(from, "LICENSE"), path.join(to, "LICENSE"));
console.log(`${names.length} icons`);
