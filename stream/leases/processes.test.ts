import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { LEASE_PLACES, type LeasePlace } from "../../test/harness/lease-places";

let sink: TestDatabase;
const children: ChildProcess[] = [];
beforeAll(async () => {
  sink = await createTestDatabase();
  await deployTables(sink, []);
  await sink.query("CREATE TABLE written (id bigserial PRIMARY KEY, token bigint NOT NULL, pid int NOT NULL)");
});
beforeEach(() => sink.query("TRUNCATE written, cdc_management.leases"));
afterEach(async () => {
  const gone = children.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  for (const child of gone) child.kill("SIGKILL");
  await Promise.all(gone.map((child) => once(child, "exit")));
});
afterAll(async () => {
  await closePools();
  await sink.drop();
});

interface Holder {
  readonly child: ChildProcess;
  said(): string;
}

/** A process that takes the lease and writes under it without end. */
function start(place: LeasePlace, name: string, ttl_s: number): Holder {
  const settings = { name, settings: { ...place.settings, ttl_s }, directory: place.directory, sink: sink.config };
  const file = join(__dirname, "..", "..", "test", "processes", "lease-child.cjs");
  const child = spawn(process.execPath, [file, JSON.stringify(settings)], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text };
}

/** Who wrote, one after the other: nobody wrote again after another had, and tokens grew. */
async function writers(): Promise<number[]> {
  const { rows } = await sink.query<{ token: string; pid: number }>("SELECT token, pid FROM written ORDER BY id");
  const turns = rows.filter(({ pid }, index) => pid !== rows[index - 1]?.pid);
  const tokens = turns.map(({ token }) => BigInt(token));
  expect(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as bigint))).toBe(true);
  expect(new Set(turns.map(({ pid }) => pid)).size).toBe(turns.length);
  return turns.map(({ pid }) => pid);
}

/** Waits for the first write; the test's own time ends it. */
async function writes({ child }: Holder): Promise<void> {
  const found = () => sink.query("SELECT FROM written WHERE pid = $1 LIMIT 1", [child.pid]);
  while ((await found()).rows.length === 0) await sleep(20);
}

describe.each([
  ["file", 3],
  ["postgres", 3],
  ["sqlserver", 3],
  ["blob", 15],
] as const)("two processes with a lease at %s", (kind, ttl_s) => {
  let place: LeasePlace;
  beforeAll(async () => {
    place = await LEASE_PLACES[kind]();
  });
  afterAll(() => place.close());

  test("after kill -9 the other one takes over, and not before", async () => {
    const name = "killed";
    const first = start(place, name, ttl_s);
    await writes(first);
    const second = start(place, name, ttl_s);
    expect(await writers()).toEqual([first.child.pid]);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    await writes(second);
    expect(await writers()).toEqual([first.child.pid, second.child.pid]);
  });

  test("a holder that was stopped beyond its time and goes on can't write when another has taken over", async () => {
    const name = "stopped";
    const first = start(place, name, ttl_s);
    await writes(first);
    const second = start(place, name, ttl_s);
    first.child.kill("SIGSTOP");
    // A stopped process keeps what the system or the server's session holds for it.
    if (kind === "file" || kind === "sqlserver") await place.expire(name);
    await writes(second);
    first.child.kill("SIGCONT");
    await once(first.child, "exit");
    // Stopped within a transaction, it finds that ended; else its token is refused, or it sees that its time is over.
    expect(first.said()).toMatch(/refused|lost CDC_LEASE_LOST/);
    expect(await writers()).toEqual([first.child.pid, second.child.pid]);
  });
});
