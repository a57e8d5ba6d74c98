import { Client } from "pg";
import { startCdc } from "../../test/harness/cdc-process";

jest.setTimeout(180_000);

describe("the demo", () => {
  test("plays to its end, every check holds, and nothing is needed but Node", async () => {
    // No pulumi on PATH, and settings of the user's that must not lead it elsewhere.
    const env = {
      PATH: "/usr/bin:/bin",
      PG_DEV_HOST: "203.0.113.1",
      MSSQL_DEV_HOST: "203.0.113.2",
      CDC_SERVICE: "other",
      PULUMI_BACKEND_URL: "file:///nowhere",
    };
    const { code, stdout, stderr } = await startCdc(["demo", "--json"], { env }).ended;
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: "" });
    const { fine, checks } = JSON.parse(stdout) as { fine: boolean; checks: { text: string; holds: boolean }[] };
    expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(checks.length).toBeGreaterThanOrEqual(15);
    expect(fine).toBe(true);
  });

  test("stays open with --keep until Ctrl-C, then takes all away", async () => {
    const cdc = startCdc(["demo", "--keep"]);
    let stdout = "";
    const url = await new Promise<string>((resolve, reject) => {
      void cdc.ended.then(({ stderr }) => reject(new Error(`ended too early: ${stderr}`)));
      cdc.child.stdout?.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
        const found = /psql (postgresql:\S+)/.exec(stdout)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    const { rows } = await client.query('SELECT count(*)::int AS count FROM fjord."Patient"');
    expect(rows).toEqual([{ count: 2 }]);
    await client.end();
    cdc.child.kill("SIGINT");
    expect((await cdc.ended).code).toBe(130);
    await expect(new Client({ connectionString: url }).connect()).rejects.toThrow();
  });
});
