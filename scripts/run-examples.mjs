/**
 * Takes every example through its life on a PostgreSQL of its own, with the compiled CLI, as its README tells:
 * validate, preview, up, load (twice: the second load changes nothing), no drift, destroy.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";

const { startPostgres } = createRequire(import.meta.url)("../dist/sandbox/postgres/index.js");
const CLI = resolve("dist/cli/main.js");

const postgres = await startPostgres();
try {
  for (const name of readdirSync("examples")) await runExample(name);
} finally {
  await postgres.stop();
}

async function runExample(name) {
  const place = mkdtempSync(join(tmpdir(), "cdc-example-"));
  try {
    const project = copyOf(name, place);
    await prepareDatabase(project);
    const cdc = (...args) => runCdc(name, project, args);
    cdc("validate");
    cdc("preview", "--show-sql");
    cdc("up", "--yes");
    cdc("up", "--yes", "--expect-no-changes");
    for (const file of changeFiles(project)) cdc("load", file);
    const loaded = await contents(project);
    for (const file of changeFiles(project)) cdc("load", file);
    report(name, "loading again changes nothing", loaded.includes("<row") && loaded === (await contents(project)));
    cdc("preview", "--refresh", "--expect-no-changes");
    cdc("destroy", "--yes");
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

/** The database that README's `createdb` and prepare.sql make. */
async function prepareDatabase(project) {
  const database = databaseOf(project);
  await query("postgres", `CREATE DATABASE ${database}`);
  const script = join(project, "prepare.sql");
  if (existsSync(script)) await query(database, readFileSync(script, "utf8"));
}

function databaseOf(project) {
  return /createdb (\w+)/.exec(readFileSync(join(project, "README.md"), "utf8"))[1];
}

function changeFiles(project) {
  return readdirSync(join(project, "changes")).map((file) => join(project, "changes", file));
}

/** Rows of every table outside cdc_management, their times of merge included. */
async function contents(project) {
  const rows = await query(
    databaseOf(project),
    `SELECT format('%I.%I', schemaname, relname) AS name, query_to_xml(format('TABLE %I.%I', schemaname, relname), true, true, '')::text AS rows
       FROM pg_stat_user_tables WHERE schemaname <> 'cdc_management' ORDER BY 1`,
  );
  return rows.map(({ name, rows: text }) => `${name} ${text.split("\n").sort().join("\n")}`).join("\n");
}

async function query(database, sql) {
  const { host, port, user, password } = postgres;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function runCdc(name, project, step) {
  const args = [CLI, ...step, "-C", project, "-s", "dev", "--engine", "built-in"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: environment(project), encoding: "utf8" });
  report(name, `cdc ${step.join(" ").replaceAll(`${project}/`, "")}`, status === 0);
  if (status !== 0) console.error(stdout + stderr);
}

function report(name, what, holds) {
  console.log(`${holds ? "✓" : "✗"} ${name}: ${what}`);
  if (!holds) process.exitCode = 1;
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
    // There is no SQL Server beside them.
    CDC_CAPTURE: "false",
  };
}
