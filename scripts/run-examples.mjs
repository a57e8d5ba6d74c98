/**
 * Takes every example through what its README says, line by line, with the compiled CLI, a PostgreSQL of its own and
 * the SQL Server stand-in. `createdb` and `psql -f` are done here; `# exit code 1` after a command expects that;
 * a block that begins with `# In a terminal of its own` runs beside the others.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { runProviderExamples } from "./provider-examples.mjs";

const require = createRequire(import.meta.url);
const { startPostgres } = require("../dist/sandbox/postgres/index.js");
const { freePort } = require("../dist/sandbox/free-port.js");
const CLI = resolve("dist/cli/main.js");
/** Ports in a README, of which each run takes free ones instead. */
const README_PORTS = ["11433", "11672"];

const postgres = await startPostgres();
try {
  const chosen = process.argv.slice(2);
  for (const name of chosen.length > 0 ? chosen : readdirSync("examples")) {
    if (name === "providers") runProviderExamples(report);
    else await runExample(name);
  }
} finally {
  await postgres.stop();
}

async function runExample(name) {
  const place = mkdtempSync(join(tmpdir(), "cdc-example-"));
  const project = copyOf(name, place);
  const run = { name, project, env: environment(project), beside: [], loads: [], database: "" };
  try {
    let readme = readFileSync(join(project, "README.md"), "utf8");
    for (const port of README_PORTS) readme = readme.replaceAll(port, String(await freePort()));
    for (const [, block] of readme.matchAll(/^```sh\n(.*?)^```/gms)) await runBlock(run, block.trim().split("\n"));
  } finally {
    await stopBeside(run);
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

async function runBlock(run, lines) {
  const beside = lines[0].startsWith("# In a terminal of its own");
  for (const line of lines.filter((one) => !one.startsWith("#"))) {
    const [command, comment = ""] = line.split(" # ");
    const [program, ...args] = command.trim().split(" ");
    if (beside) await startBeside(run, args);
    else await runLine(run, program, args, Number(/^exit code (\d+)/.exec(comment)?.[1] ?? 0));
  }
}

async function runLine(run, program, args, expected) {
  switch (program) {
    case "export":
      // A value may hold further equals signs, and stand in quotes.
      for (const one of args)
        run.env[one.slice(0, one.indexOf("="))] = one.slice(one.indexOf("=") + 1).replace(/^'(.*)'$/, "$1");
      break;
    case "createdb":
      run.database = args[0];
      await query("postgres", `DROP DATABASE IF EXISTS ${run.database} WITH (FORCE)`);
      await query("postgres", `CREATE DATABASE ${run.database}`);
      break;
    case "psql":
      await query(run.database, readFileSync(join(run.project, args.at(-1)), "utf8"));
      break;
    default:
      await runCommand(run, args, expected);
  }
}

async function runCommand(run, args, expected) {
  if (args[0] === "load") run.loads.push(args);
  else if (run.loads.length > 0) await loadAgain(run);
  if (args[0] === "destroy") await stopBeside(run, "run");
  await cdc(run, args, expected);
  if (args[0] === "up") await cdc(run, ["up", "-s", "dev", "--expect-no-changes"], 0);
  if (args[0] === "verify") await cdc(run, ["preview", "-s", "dev", "--refresh", "--expect-no-changes"], 0);
}

/** The second time, nothing may change. */
async function loadAgain(run) {
  const before = await contents(run.database);
  for (const args of run.loads.splice(0)) await cdc(run, args, 0);
  const same = before.includes("<row") && before === (await contents(run.database));
  report(run.name, "loading again changes nothing", same);
}

/** Starts a command that ends when it is told to; goes on when it has said something. */
async function startBeside(run, args) {
  const child = spawnCdc(run, args);
  run.beside.push({ args, child, ended: new Promise((done) => child.once("close", done)) });
  await new Promise((done) => {
    child.stdout.once("data", done);
    child.stderr.once("data", done);
    child.once("close", done);
  });
  report(run.name, `cdc ${args.join(" ")} (beside)`, child.exitCode === null);
}

async function stopBeside(run, command) {
  const chosen = run.beside.filter(({ args }) => command === undefined || args[0] === command);
  run.beside = run.beside.filter((one) => !chosen.includes(one));
  for (const { args, child, ended } of chosen) {
    child.kill("SIGINT");
    report(run.name, `cdc ${args[0]} ends well when it is told to`, (await ended) === 0);
  }
}

async function cdc(run, args, expected) {
  const child = spawnCdc(run, args);
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await Promise.race([
    new Promise((done) => child.once("close", done)),
    sleep(120_000, "too late", { ref: false }),
  ]);
  report(run.name, `cdc ${args.join(" ")}`, code === expected);
  if (code !== expected) console.error(`ended with ${code}:\n${output}`);
}

function spawnCdc({ project, env }, args) {
  const more = ["--engine", "built-in", ...(["up", "destroy"].includes(args[0]) ? ["--yes"] : [])];
  return spawn(process.execPath, [CLI, ...args, ...more], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Rows of every table outside cdc_management, their times of merge included. */
async function contents(database) {
  const rows = await query(
    database,
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
  };
}
