import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningPostgres } from "../../sandbox/postgres";
import { createTestDatabase, testServer, type TestDatabase } from "../harness/database";
import { startPostgres15 } from "../harness/other-server";
import { CORPUS } from "./corpus";
import { judge, mayBeCautious, type Verdict } from "./judge";
import { hazardPage } from "./page";
import { observe, ROLE, type Observation } from "./observe";

const PAGE = join(__dirname, "..", "..", "docs", "hazards.md");
const VERSIONS = [15, 18];
const seen = new Map<number, Observation[]>();
let old: RunningPostgres;

beforeAll(async () => {
  old = await startPostgres15();
});
afterAll(async () => {
  await old.stop();
  console.log(VERSIONS.map(counts).join("\n"));
});

test("the corpus has at least 60 changes, each by a name of its own", () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(CORPUS.map(({ title }) => title)).size).toBe(CORPUS.length);
});

describe.each(VERSIONS)("the hazards that plans tell, on PostgreSQL %i", (version) => {
  beforeAll(async () => {
    seen.set(version, await observeAll(version, version === 15 ? old : testServer()));
  }, 120_000);

  test("are told of every change that PostgreSQL was seen to lock or rewrite: none missed, none falsely safe", () => {
    expect(judged(version, "missed")).toEqual([]);
    expect(judged(version, "falsely safe")).toEqual([]);
  });

  test("are exactly the lock, the rewrite and the reading that were seen, wherever the plan can know", () => {
    expect(judged(version, "cautious").filter((one) => !mayBeCautious(one, version))).toEqual([]);
    expect(new Set(seen.get(version)?.map(({ title }) => title)).size).toBeGreaterThanOrEqual(60);
  });
});

test("docs/hazards.md holds what was seen; CDC_WRITE_DOCS=1 writes it", () => {
  const page = hazardPage(seen.get(18) ?? [], VERSIONS.map(counts));
  if (process.env["CDC_WRITE_DOCS"] === "1") writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, "utf8")).toBe(page);
});

async function observeAll(version: number, server: Parameters<typeof createTestDatabase>[0]): Promise<Observation[]> {
  const database = await createTestDatabase(server);
  const { rows } = await database.query("SELECT current_setting('server_version_num')::int / 10000 AS major");
  expect(rows).toEqual([{ major: version }]);
  await database.query(`DO $$ BEGIN CREATE ROLE ${ROLE}; EXCEPTION WHEN duplicate_object THEN END $$`);
  const observed: Observation[] = [];
  for (const [index, one] of CORPUS.entries()) {
    const own: TestDatabase = one.object === "management" ? await createTestDatabase(server) : database;
    observed.push(...(await observe(own, one, index)));
    if (own !== database) await own.drop();
  }
  await database.drop();
  return observed;
}

function judged(version: number, verdict: Verdict): Observation[] {
  return (seen.get(version) ?? []).filter((one) => judge(one) === verdict);
}

function counts(version: number): string {
  const observed = seen.get(version) ?? [];
  const count = (verdict: Verdict) => `${String(judged(version, verdict).length)} ${verdict}`;
  const verdicts = (["exact", "cautious", "missed", "falsely safe"] as const).map(count).join(", ");
  return `PostgreSQL ${String(version)}: ${String(CORPUS.length)} cases, ${String(observed.length)} changes: ${verdicts}`;
}
