import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFolder } from "../test/registry/packed";
import { runCdc } from "../test/harness/captured-io";

const PLAIN = join(__dirname, "..", "test", "conformance", "plain-provider.js");

const tested = (argv: readonly string[], env: Record<string, string> = {}, cwd = newFolder()) =>
  runCdc(["providers", "test", ...argv, "--parallel", "4"], { cwd, env: { ...process.env, ...env } });

describe("cdc providers test", () => {
  test.each(["counter", "console"])("passes the built-in provider %s", async (name) => {
    const { code, stdout } = await tested([name]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/\b4\d|\b5\d passed, 0 failed/) });
  });

  test("says which case failed, what must hold, and exits with 1", async () => {
    const env = { ROLE: "input", MUTANT: "banner" };
    const { code, stdout } = await tested([PLAIN, "--role", "input", "--only", "handshake/comes-first"], env);
    expect(code).toBe(1);
    expect(stdout).toBe(
      "FAIL handshake/comes-first\n" +
        "     it must hold that nothing is written to stdout before the handshake\n" +
        '     but the first line is "Starting up..."\n' +
        "0 passed, 1 failed, 0 not applicable\n",
    );
  });

  test("prints the report as JSON", async () => {
    const argv = [PLAIN, "--role", "output", "--only", "handshake/", "--json"];
    const { stdout } = await tested(argv, { ROLE: "output" });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ passed: 5, failed: 0, notApplicable: 0 });
    expect(report.cases[0]).toMatchObject({ name: "handshake/comes-first", outcome: "passed" });
  });

  test("takes role, start file, name and version of a folder from its provider.json", async () => {
    const cwd = newFolder();
    copyFileSync(PLAIN, join(cwd, "p.js"));
    chmodSync(join(cwd, "p.js"), 0o755);
    const manifest = { name: "plain", version: "2.0.0", role: "input", entry: "p.js" };
    writeFileSync(join(cwd, "provider.json"), JSON.stringify(manifest));
    const { code, stdout } = await tested([".", "--only", "handshake/identity"], { ROLE: "input" }, cwd);
    expect(code).toBe(1);
    expect(stdout).toContain("it says version 1.0.0, provider.json 2.0.0");
  });

  test.each([
    [["gone"], "is not there, and no provider of that name is built in"],
    [[PLAIN], "doesn't say whether it is an input or an output"],
    [[PLAIN, "--role", "input", "--config", "gone.json"], "no such file"],
  ])("of %j is an error that says: %s", async (argv, message) => {
    const { code, stderr } = await tested(argv, { ROLE: "input" });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
