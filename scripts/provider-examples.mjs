/**
 * Takes examples/providers through the conformance kit, and its tasks through `cdc run`. Python may be missing on a bare
 * machine: what needs it is not applicable then, and said so.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const CLI = resolve("dist/cli/main.js");
const READINGS = 40;
const EXAMPLES = {
  shell: { more: ["--parallel", "4"], protocol: "protocol.sh" },
  typescript: { more: ["--parallel", "4"], build },
  python: { more: ["--role", "output", "infrastructure"], needs: "python3", protocol: "protocol.py" },
};

/** Runs all of them; `report(name, what, holds)` is told what holds. */
export function runProviderExamples(report) {
  const place = mkdtempSync(join(tmpdir(), "cdc-providers-"));
  const folder = join(place, "providers");
  try {
    // Without what somebody tried out there.
    const filter = (path) => !/(?:\.sqlite|\/\.cdc|\/node_modules|\/__pycache__)/.test(path);
    cpSync("examples/providers", folder, { recursive: true, filter });
    for (const [name, { protocol }] of Object.entries(EXAMPLES))
      if (protocol !== undefined) complete(folder, name, protocol);
    for (const [name, example] of Object.entries(EXAMPLES)) runKit(folder, name, example, report);
    runTasks(folder, report);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What `cdc new provider` writes beside a provider, and the README copies. */
function complete(folder, name, protocol) {
  cpSync(join("templates/provider", name, "base/provider", protocol), join(folder, name, "provider", protocol));
}

function runKit(folder, name, { more, build, needs }, report) {
  if (needs !== undefined && !isThere(needs)) {
    console.log(`– providers/${name}: not applicable, ${needs} is not on PATH`);
    return;
  }
  const cwd = join(folder, name);
  build?.(cwd);
  const { status, stdout, stderr } = cdc(cwd, "providers", "test", "provider", "--config", "test-config.json", ...more);
  report(`providers/${name}`, stdout.trim().split("\n").at(-1), status === 0);
  if (status !== 0) console.error(stdout, stderr);
}

/** What `npm install` and `npm run build` would do. */
function build(cwd) {
  for (const name of ["pulumi-cdc", "@types/node"]) {
    const link = join(cwd, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(name === "pulumi-cdc" ? resolve(".") : resolve("node_modules", name), link, "junction");
  }
  const options = ["--bundle", "--platform=node", "--target=node20", "--outfile=provider/provider.js"];
  execFileSync(resolve("node_modules/.bin/esbuild"), ["src/provider.ts", ...options, "--log-level=warning"], { cwd });
  execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc")], { cwd, stdio: "inherit" });
}

function runTasks(folder, report) {
  const disks = cdc(folder, "run", "disks-to-console");
  report("providers", "cdc run disks-to-console prints the disks", disks.status === 0 && /Disks/.test(disks.stdout));
  if (!isThere("python3")) return;
  cdc(folder, "init", "readings-to-sqlite", "--yes");
  for (const turn of ["once", "again"]) {
    const { status, stderr } = cdc(folder, "run", "readings-to-sqlite");
    const holds = status === 0 && storedIn(folder) === `${READINGS} changes`;
    report("providers", `cdc run readings-to-sqlite, ${turn}: ${READINGS} changes`, holds);
    if (!holds) console.error(stderr, storedIn(folder));
  }
}

/** What the output itself says of its database. */
function storedIn(folder) {
  const input = JSON.stringify({ command: "status", config: { path: "readings.sqlite" }, protocol: 1 });
  const options = { cwd: folder, input: `${input}\n`, encoding: "utf8" };
  const { stdout } = spawnSync("python3", ["python/provider/provider.py"], options);
  return JSON.parse(stdout).resources[0]?.detail;
}

function isThere(program) {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function cdc(cwd, ...args) {
  return spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: "utf8" });
}
