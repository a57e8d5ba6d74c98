import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { eventually } from "../../test/harness/eventually";
import { SourceLeases } from "./source-leases";

let sink: TestDatabase;
const open: SourceLeases[] = [];
beforeAll(async () => {
  sink = await createTestDatabase();
  await deployTables(sink, []);
});
afterEach(() => Promise.all(open.splice(0).map((leases) => leases.close())));
afterAll(async () => {
  await closePools();
  await sink.drop();
});

function leasesOf(ttlMs: number, holder?: string): SourceLeases {
  const leases = new SourceLeases(sink.config, { pipeline: "p", ttlMs, ...(holder === undefined ? {} : { holder }) });
  open.push(leases);
  return leases;
}

const runOut = () => sink.query("UPDATE cdc_management.leases SET expires_at = clock_timestamp() - interval '1 s'");

test("two streams of one process, or of containers that look alike, don't share a lease", async () => {
  expect(await leasesOf(10_000).take("s/a")).toBeDefined();
  expect(await leasesOf(10_000).take("s/a")).toBeUndefined();
});

test("a lease that ran out is taken again when nobody had it, and is lost when somebody had it and gave it back", async () => {
  const [slow, other] = [leasesOf(300, "slow"), leasesOf(10_000, "other")];
  expect(await slow.take("s/b")).toBe("1");
  await runOut();
  await eventually(() => expect(slow.tokenOf("s/b")).toBe("2"));
  // What the other one did, the first doesn't know.
  await sink.query(
    "UPDATE cdc_management.leases SET holder = 'other', token = token + 1, expires_at = clock_timestamp()",
  );
  await eventually(() => expect(slow.tokenOf("s/b")).toBeUndefined());
  expect(await other.take("s/b")).toBeUndefined();
  expect(await slow.take("s/b")).toBe("4");
});
