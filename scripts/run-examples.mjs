/**
 * Takes every example through its life on a PostgreSQL of its own: validate, preview, up, nothing left to
 * change, destroy. Uses the compiled CLI, as a user does.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const { startPostgres } = createRequire(import.meta.url)("../dist/sandbox/postgres/index.js");
const CLI = resolve("dist/cli/main.js");
const STEPS = [
  ["validate"],
  ["preview"],
  ["up", "--yes"],
  ["preview", "--refresh", "--expect-no-changes"],
  ["status"],
  ["destroy", "--yes"],
];

const postgres = await startPostgres();
try {
  for (const name of readdirSync("examples")) runExample(name);
} finally {
  await postgres.stop();
}

function runExample(name) {
  const place = mkdtempSync(join(tmpdir(), "cdc-example-"));
  try {
    const project = copyOf(name, place);
    for (const step of STEPS) runStep(name, project, step);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** A copy, so that the run leaves no state behind; it finds this package as an installed one. */
function copyOf(name, place) {
  const project = join(place, name);
  cpSync(join("examples", name), project, { recursive: true });
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(resolve("."), join(project, "node_modules", "pulumi-cdc"), "junction");
  return project;
}

function runStep(name, project, step) {
  const args = [CLI, ...step, "-C", project, "-s", "dev", "--engine", "built-in"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: environment(project), encoding: "utf8" });
  console.log(`${status === 0 ? "✓" : "✗"} ${name}: cdc ${step.join(" ")}`);
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exitCode = 1;
}

function environment(project) {
  return {
    ...process.env,
    PG_DEV_HOST: postgres.host,
    PG_DEV_PORT: String(postgres.port),
    PG_DEV_USER: postgres.user,
    PG_DEV_PASSWORD: postgres.password,
    PULUMI_BACKEND_URL: `file://${join(project, ".pulumi-state")}`,
    PULUMI_CONFIG_PASSPHRASE: "example",
  };
}
