/**
 * Draws which room imports which into ARCHITECTURE.md, between the markers. With --check it only compares,
 * and fails when the drawing is out of date. An edge that a longer way implies is left out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const PAGE = "ARCHITECTURE.md";
const START = "<!-- imports:start -->";
const END = "<!-- imports:end -->";
const NOT_SHIPPED = /\.test\.ts$|^(test|bench|scripts)\//;

const edges = await roomEdges();
const drawing = mermaid(withoutShortcuts(edges));
const page = readFileSync(PAGE, "utf8");
const redrawn = page.replace(new RegExp(`${START}[^]*${END}`), `${START}\n\n${drawing}\n${END}`);

if (!process.argv.includes("--check")) {
  writeFileSync(PAGE, redrawn);
} else if (redrawn !== page) {
  console.error(`${PAGE} draws other imports than the code has: run \`npm run imports\` and commit it.`);
  process.exitCode = 1;
}

async function roomEdges() {
  const { options } = createRequire(import.meta.url)("../.dependency-cruiser.cjs");
  const { output } = await cruise(["."], options, undefined, { tsConfig: extractTSConfig("tsconfig.json") });
  const found = new Map();
  for (const { source, dependencies } of output.modules) {
    if (NOT_SHIPPED.test(source)) continue;
    for (const { resolved } of dependencies) addEdge(found, roomOf(source), roomOf(resolved));
  }
  return found;
}

function addEdge(edges, from, to) {
  if (!from || !to || from === to) return;
  edges.set(from, (edges.get(from) ?? new Set()).add(to));
}

function roomOf(path) {
  if (path === "index.ts") return path;
  return /^(?!node_modules)([a-z]+)\/.*\.ts$/.exec(path)?.[1];
}

function withoutShortcuts(edges) {
  return [...edges].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((via) => via !== to && reaches(edges, via, to)))
      .map((to) => [from, to]),
  );
}

function reaches(edges, from, to) {
  const next = [...(edges.get(from) ?? [])];
  return next.includes(to) || next.some((room) => reaches(edges, room, to));
}

function mermaid(edges) {
  const id = (room) => room.replace(/\W/g, "_");
  const lines = edges.map(([from, to]) => `  ${id(from)}["${from}"] --> ${id(to)}["${to}"]`).sort();
  return ["```mermaid", "graph LR", ...lines, "```", ""].join("\n");
}
