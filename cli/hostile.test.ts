import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closePools } from "../databases/postgres/pool";
import { runCdc, type CapturedRun } from "../test/harness/captured-io";
import { startCdc } from "../test/harness/cdc-process";
import { createTestDatabase, testServer, type TestDatabase } from "../test/harness/database";
import { makeProject, removeProject, usualColumns, type YamlProject } from "../test/harness/yaml-project";

jest.setTimeout(120_000);

/** Stands for every secret: no output may hold it. */
const SECRET = "s3cr3t-Pa55word";
const before = { ...process.env };

let db: TestDatabase;
let project: YamlProject;
let directory: string;

beforeAll(async () => {
  db = await createTestDatabase();
});

beforeEach(() => {
  project = { customers: ["north"], tables: { Actor: usualColumns(3) }, database: db.config.database };
  directory = makeProject(project);
  const { host, port, user, password } = db.config;
  const own = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
  Object.assign(process.env, own, { PULUMI_CONFIG_PASSPHRASE: SECRET, PULUMI_BACKEND_URL: "" });
});

afterEach(() => {
  process.env = { ...before };
  removeProject(directory);
});

afterAll(async () => {
  await closePools();
  await db.drop();
});

function cdc(...argv: string[]): Promise<CapturedRun> {
  return runCdc([...argv, "--engine", "built-in"], { cwd: directory });
}

/** Fails unless the run ended with 2, said these words, and showed neither a stack nor a secret. */
function expectMessage(ran: CapturedRun, ...words: (string | RegExp)[]): void {
  const all = ran.stdout + ran.stderr;
  for (const word of words) expect(all).toMatch(word instanceof RegExp ? word : escaped(word));
  expect(ran.code).toBe(2);
  expect(all).not.toMatch(/^\s+at .*[:(]/m);
  expect(all).not.toContain("This is a bug");
  expect(all).not.toContain(SECRET);
  expect(all).not.toContain(testServer().password);
}

function escaped(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

describe("a server that doesn't take us", () => {
  test("refuses a wrong password: server, user and remedy are named, the password isn't", async () => {
    process.env["PG_DEV_PASSWORD"] = SECRET;
    const { host, port, user } = db.config;
    expectMessage(
      await cdc("up", "--yes"),
      `${host}:${String(port)}`,
      user,
      "password was refused",
      "PG_<ENV>_PASSWORD",
    );
  });

  test("isn't there", async () => {
    process.env["PG_DEV_PORT"] = "1";
    expectMessage(await cdc("up", "--yes"), "127.0.0.1:1", "cannot be reached");
  });

  test("has a name that nobody knows", async () => {
    process.env["PG_DEV_HOST"] = "no-such-host.invalid";
    expectMessage(await cdc("up", "--yes"), "no-such-host.invalid", /host name|cannot be reached/);
  });

  test("isn't configured", async () => {
    Reflect.deleteProperty(process.env, "PG_DEV_HOST");
    expectMessage(await cdc("up", "--yes"), "no PostgreSQL host is set", "PG_DEV_HOST");
  });

  test("lacks the database", async () => {
    removeProject(directory);
    directory = makeProject({ ...project, database: "no_such_database" });
    expectMessage(await cdc("up", "--yes"), "no_such_database", "does not exist", "manage: database");
  });

  test("loses the database in mid-run: the next up makes it whole", async () => {
    const other = await createTestDatabase();
    removeProject(directory);
    const tables = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`T${String(index)}`, usualColumns(3)]));
    directory = makeProject({ ...project, tables, database: other.config.database });
    const running = startCdc(["up", "--yes", "--engine", "built-in"], { cwd: directory, env: process.env });
    await new Promise<void>((resolve) => running.child.stdout?.once("data", () => resolve()));
    await other.drop();
    const { code, stdout, stderr } = await running.ended;
    expectMessage({ code: code ?? -1, stdout, stderr }, other.config.database);
    await db.query(`CREATE DATABASE ${other.config.database}`);
    try {
      // What the first run had made is gone with the database: refresh sees it.
      expect(await cdc("up", "--yes", "--refresh")).toMatchObject({ code: 0 });
      expect(await cdc("preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
    } finally {
      await closePools();
      await db.query(`DROP DATABASE ${other.config.database} WITH (FORCE)`);
    }
  });
});

describe("an interruption", () => {
  test("ends up with 130 after what is under way, and the next up makes the rest", async () => {
    removeProject(directory);
    const tables = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`T${String(index)}`, usualColumns(3)]));
    directory = makeProject({ ...project, tables });
    const running = startCdc(["up", "--yes", "--engine", "built-in"], { cwd: directory, env: process.env });
    await new Promise<void>((resolve) => running.child.stdout?.once("data", () => resolve()));
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining("interrupted") });
    expect(await cdc("up", "--yes")).toMatchObject({ code: 0 });
    expect(await cdc("preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await cdc("destroy", "--yes")).toMatchObject({ code: 0 });
  });
});

describe("a state that can't be kept", () => {
  test("in a place that is no folder", async () => {
    writeFileSync(join(directory, "file"), "");
    process.env["PULUMI_BACKEND_URL"] = `file://${join(directory, "file", "state")}`;
    expectMessage(await cdc("up", "--yes"), join(directory, "file"), /hint: /);
  });

  test("in a read-only folder: nothing is made in the database", async () => {
    const folder = readOnlyFolder();
    process.env["PULUMI_BACKEND_URL"] = `file://${folder}`;
    expectMessage(await cdc("up", "--yes"), folder, /hint: /);
    const made = await db.query("SELECT 1 FROM pg_namespace WHERE nspname = 'north'");
    expect(made.rows).toEqual([]);
  });

  test("that was cut off half way", async () => {
    const folder = join(directory, ".pulumi-state", ".pulumi", "stacks", "life");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "dev.json"), '{"version": 3, "checkpoint": {"la');
    expectMessage(await cdc("preview"), "dev.json", /hint: /);
  });
});

/** A folder that even this user can't write: /sys for root, whom permissions do not stop. */
function readOnlyFolder(): string {
  if (process.getuid?.() === 0) return "/sys/cdc-state";
  const folder = join(directory, "locked");
  mkdirSync(folder);
  chmodSync(folder, 0o555);
  return folder;
}

describe("a project that isn't right", () => {
  test("has malformed YAML: all problems with file and line, nothing made", async () => {
    writeFileSync(join(directory, "services", "shop.yaml"), "shop:\n  source: {tables: [\n");
    expectMessage(await cdc("up", "--yes"), /services\/shop\.yaml:\d+/);
    expect(readdirSync(directory)).not.toContain("stacks");
  });

  test("has a secret that the passphrase doesn't open", async () => {
    const salt = "v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
    const secure = "config:\n  cdc:directory: .\n  cdc:sink:\n    password:\n      secure: v1:AAAAAAAAAAAAAAAA:AAAA\n";
    writeFileSync(join(directory, "Pulumi.dev.yaml"), `encryptionsalt: ${salt}\n${secure}`);
    expectMessage(await cdc("preview"), /passphrase|decrypt/i, /hint: /);
    Reflect.deleteProperty(process.env, "PULUMI_CONFIG_PASSPHRASE");
    expectMessage(await cdc("preview"), "PULUMI_CONFIG_PASSPHRASE");
  });

  test("has a program that throws", async () => {
    writeFileSync(join(directory, "index.js"), `throw new Error("boom")\n`);
    const ran = await cdc("preview");
    expect(ran.code).toBe(2);
    expect(ran.stdout + ran.stderr).toContain("boom");
  });

  test("lacks the package", async () => {
    writeFileSync(join(directory, "index.js"), `require("not-installed")\n`);
    expect(await cdc("preview")).toMatchObject({ code: 2, stderr: expect.stringContaining("not-installed") });
  });
});

describe("load", () => {
  test("says which file is missing", async () => {
    await cdc("up", "--yes");
    const ran = await cdc("load", "nowhere.ndjson");
    expectMessage(ran, join(directory, "nowhere.ndjson"), "no such file");
    expect(await cdc("destroy", "--yes")).toMatchObject({ code: 0 });
  });
});
