import { startSqlServer, type RunningSqlServer } from "../../sandbox/sqlserver";
import { TcpRelay } from "../../test/harness/tcp-relay";
import type { MsSqlConfig } from "./config";
import type { Parameter } from "./parameters";
import { closePools } from "./pool";
import { queryRows, streamRows } from "./run";

let server: RunningSqlServer;
let config: MsSqlConfig;
beforeAll(async () => {
  server = await startSqlServer({ databases: ["Clinic"] });
  const { host, port, user, password } = server;
  config = { host, port, user, password, database: "Clinic", encrypt: false };
});
afterAll(async () => {
  closePools();
  await server.stop();
});

test("typed parameters arrive as they are, and values come back as exact text by name", async () => {
  const parameters: Parameter[] = [
    { name: "i", type: "int", value: -5 },
    { name: "b", type: "bigint", value: 9_223_372_036_854_775_807n },
    { name: "n", type: "nvarchar", value: "é'😀" },
    { name: "x", type: "varbinary", value: Buffer.of(0, 255) },
    { name: "t", type: "bit", value: 1 },
    { name: "z", type: "nvarchar", value: null },
  ];
  const text = "SELECT @i AS i, @b AS b, @n AS n, @x AS x, @t AS t, @z AS z";
  const row = { i: "-5", b: "9223372036854775807", n: "é'😀", x: "0x00ff", t: "1", z: null };
  expect(await queryRows(config, text, parameters)).toEqual([row]);
});

test("many reads at once share a few connections and all come to an end", async () => {
  const ask = async (n: number): Promise<string | null | undefined> =>
    (await queryRows(config, "SELECT @n AS n, @@SPID AS spid", [{ name: "n", type: "int", value: n }]))[0]?.["n"];
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
  expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
});

test("a read whose connection is cut is repeated on another; one that may not be repeated says so", async () => {
  const relay = await TcpRelay.open(server.port, {});
  const through = { ...config, port: relay.port };
  try {
    expect(await queryRows(through, "SELECT 1 AS one")).toEqual([{ one: "1" }]);
    relay.resetAfter(10);
    setTimeout(() => {
      relay.resetAfter(Number.POSITIVE_INFINITY);
    }, 20);
    expect(await queryRows(through, "SELECT 2 AS two")).toEqual([{ two: "2" }]);
    relay.resetAfter(10);
    const reading = async (): Promise<void> => {
      for await (const batch of streamRows(through, "SELECT 3 AS three")) expect(batch.rows).toEqual([]);
    };
    await expect(reading()).rejects.toMatchObject({ code: "CDC_MSSQL_CLOSED" });
  } finally {
    await relay.close();
  }
});
