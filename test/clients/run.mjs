// Sends the script of test/fixtures/sql-server with clients that nobody here wrote, and compares rows, column types
// and error numbers with what the script expects. Usage, after `npm run build`:
//   node test/clients/run.mjs [tedious] [go] [jdbc] [tsql]
// go and jdbc fetch their driver with `go` and `mvn`; tsql is FreeTDS (Debian: freetds-bin). Without a name: tedious.
// MSSQL_TEST_URL=mssql://sa:…@host:1433/master takes a real server instead of the stand-in.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import { CLIENTS } from "./clients.mjs";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "../..");
const directory = mkdtempSync(join(tmpdir(), "cdc-clients-"));

function script() {
  const fixtures = join(root, "test/fixtures/sql-server");
  for (const file of readdirSync(fixtures)) {
    const { code } = transformSync(readFileSync(join(fixtures, file), "utf8"), {
      jsc: { parser: { syntax: "typescript" } },
      module: { type: "commonjs" },
    });
    writeFileSync(join(directory, file.replace(/\.ts$/, ".js")), code);
  }
  return require(join(directory, "index.js")).SCRIPT.flatMap(({ steps }) => steps);
}

async function tryClient(name, steps, reference, server) {
  const database = `clients_${name}`;
  await server.run(`CREATE DATABASE ${database}`);
  const batches = steps.map(([sql]) => sql);
  const seen = await CLIENTS[name]({ url: server.url, database, batches, directory });
  const differing = steps.flatMap(([sql, expected], i) => {
    const why = differenceOf(seen, seen.answers[i], expected, reference?.[i]);
    return why ? [{ sql, expected, ...why }] : [];
  });
  console.log(`${seen.client}: ${steps.length - differing.length} of ${steps.length} batches give what is expected`);
  for (const one of differing) console.log("  ", JSON.stringify(one));
  return { answers: seen.answers, ok: differing.length === 0 };
}

/** What an answer has other than expected: its text, its column types, or its rows and errors one by one. */
function differenceOf({ sameType = (type) => type, sameItem }, answer, expected, reference) {
  if (!answer) return { missing: true };
  if (sameItem) {
    const same =
      answer.items.length === reference.items.length &&
      answer.items.every((item, i) => sameItem(item, reference.items[i]));
    return same ? undefined : { items: answer.items };
  }
  if (answer.text !== expected) return { text: answer.text };
  const plain = (types) => JSON.stringify(types.map((columns) => columns.map(sameType)));
  const wanted = reference?.types ?? answer.types;
  return plain(answer.types) === plain(wanted) ? undefined : { types: answer.types, wanted };
}

async function main() {
  const names = process.argv.slice(2).filter((name) => name !== "tedious");
  const steps = script();
  const server = await openServer();
  try {
    const { answers, ok } = await tryClient("tedious", steps, undefined, server);
    let all = ok;
    for (const name of names) all = (await tryClient(name, steps, answers, server)).ok && all;
    process.exitCode = all ? 0 : 1;
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function openServer() {
  const url = process.env.MSSQL_TEST_URL;
  if (url !== undefined) return { url, run: (sql) => CLIENTS.once(url, sql), stop: () => undefined };
  const { startSqlServer } = require(join(root, "dist/sandbox/sqlserver"));
  const standIn = await startSqlServer({ pollingIntervalMs: 50 });
  return {
    url: standIn.url,
    run: (sql) => standIn.control.run("master", sql),
    stop: () => standIn.stop(),
  };
}

await main();
