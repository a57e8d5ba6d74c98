import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCdc } from "../test/harness/cdc-process";
import { fakePulumi } from "../test/fakes/fake-pulumi";
import { temporaryFolder } from "../test/harness/temporary-folder";

const DIST = join(__dirname, "..", "dist", "cli");

/** Packages that a command line loads, by running it in a process of its own. */
function packagesLoadedBy(argv: readonly string[], cwd: string): string[] {
  const script = `
    const { run } = require(${JSON.stringify(join(DIST, "run.js"))});
    const quiet = { write: () => true };
    const io = { stdout: quiet, stderr: quiet, stdin: process.stdin, env: {}, cwd: process.cwd(), signal: new AbortController().signal };
    run(${JSON.stringify(argv)}, io).then(() => {
      const names = Object.keys(require.cache).map((path) => /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
      console.log(JSON.stringify([...new Set(names.filter(Boolean))]));
    });`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { cwd, encoding: "utf8" })) as string[];
}

function project(): string {
  const folder = temporaryFolder("cdc-main-");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.dev.yaml"), "config: {}\n");
  return folder;
}

describe("the process", () => {
  test.each([[["--help"]], [["up", "--help"]], [["validate"]], [["completion", "bash"]], [["complete", "tables"]]])(
    "loads neither Pulumi nor a driver for %j",
    (argv) => {
      const loaded = packagesLoadedBy(argv, project());
      expect(loaded).toContain("commander");
      expect(loaded.filter((name) => /^(@pulumi\/|@grpc\/|pg$|pg-|mssql|tedious)/.test(name))).toEqual([]);
    },
  );

  test("ends with 2 and words, not with a stack, where there is no project", async () => {
    const cwd = temporaryFolder("cdc-main-");
    const { code, stderr } = await startCdc(["preview"], { cwd }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain("no Pulumi.yaml");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("ends with 130 on Ctrl-C, after the run has stopped by itself", async () => {
    const fake = fakePulumi({ hang: true, fail: { up: { stderr: "error: update canceled", code: 255 } } });
    const argv = ["up", "--yes", "--engine", "pulumi"];
    const cdc = startCdc(argv, { cwd: project(), env: { ...fake.env, PULUMI_CONFIG_PASSPHRASE: "" } });
    await waitFor(() => fake.calls().some(({ args }) => args[0] === "up"));
    cdc.child.kill("SIGINT");
    const { code, stderr } = await cdc.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("stopping");
  });

  test("goes on quietly when its reader goes away", async () => {
    const cdc = startCdc(["--help"]);
    cdc.child.stdout?.destroy();
    const { code, stderr } = await cdc.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
}
