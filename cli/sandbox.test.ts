import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCdc } from "../test/harness/cdc-process";
import { runCdc } from "../test/harness/captured-io";
import { freePort } from "../sandbox/free-port";
import { testServer } from "../test/harness/sql-server";

describe("cdc sandbox sqlserver", () => {
  const directory = mkdtempSync(join(tmpdir(), "cdc-sandbox-"));
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text);

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test("runs a stand-in with the scripts' databases until it is stopped, and takes scripts meanwhile", async () => {
    file("init.sql", "CREATE DATABASE shop\nGO\nUSE shop\nGO\nCREATE TABLE dbo.t (id int PRIMARY KEY)");
    file("more.sql", "USE shop\nGO\nINSERT dbo.t VALUES (1), (2)");
    const port = String(await freePort());
    const args = ["sandbox", "sqlserver", "--port", port, "--password", "Choose-a-long-0ne", "--init", "init.sql"];
    const cdc = startCdc([...args, "--json"], { cwd: directory });
    const told = await new Promise<string>((resolve) => {
      cdc.child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
    const { standIn, url } = JSON.parse(told) as { standIn: boolean; url: string };
    expect(standIn).toBe(true);
    const sql = (name: string) =>
      runCdc(["sandbox", "sql", name, "--port", port, "--password", "Choose-a-long-0ne"], { cwd: directory });
    expect(await sql("more.sql")).toMatchObject({ code: 0, stderr: "more.sql ran\n" });
    const again = await sql("more.sql");
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("PRIMARY KEY");
    const before = process.env["MSSQL_TEST_URL"];
    process.env["MSSQL_TEST_URL"] = url;
    const client = await (await testServer()).connect("shop");
    if (before === undefined) delete process.env["MSSQL_TEST_URL"];
    else process.env["MSSQL_TEST_URL"] = before;
    expect((await client.batch("SELECT COUNT(*) FROM dbo.t")).text).toBe("(2)");
    await client.close();
    cdc.child.kill("SIGINT");
    expect((await cdc.ended).code).toBe(0);
  });

  test.each([
    ["none.sql", "none.sql cannot be read"],
    ["bad.sql", "bad.sql failed with error 208: Invalid object name 'nowhere'."],
  ])("a script %s is an error", async (name, message) => {
    file("bad.sql", "SELECT * FROM nowhere");
    const { code, stderr } = await runCdc(["sandbox", "sqlserver", "--init", name], { cwd: directory });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
