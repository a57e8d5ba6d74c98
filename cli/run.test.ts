import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCdc } from "../test/harness/captured-io";
import { temporaryFolder } from "../test/harness/temporary-folder";

function project(...stacks: string[]): string {
  const folder = temporaryFolder("cdc-cli-");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  for (const stack of stacks) writeFileSync(join(folder, `Pulumi.${stack}.yaml`), "config: {}\n");
  return folder;
}

describe("the command line", () => {
  test("says in its help what exit codes mean", async () => {
    const { code, stdout, stderr } = await runCdc(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("130  interrupted");
    expect(stdout).toMatch(/--stack <name>/);
  });

  test("has an example in the help of every command", async () => {
    const { stdout } = await runCdc(["--help"]);
    const commands = /Commands:\n([\s\S]*?)\n\n/.exec(stdout)?.[1] ?? "";
    const names = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? "");
    expect(names).toEqual(expect.arrayContaining(["preview", "up", "refresh", "destroy", "outputs"]));
    for (const name of names.filter((word) => word !== "help")) {
      const help = await runCdc([name, "--help"]);
      expect(`${name}: ${help.stdout}`).toContain("Example");
    }
  });

  test.each([
    [["prevew"], "preview"],
    [["preview", "--refesh"], "--refresh"],
    [["--sack", "dev"], "--stack"],
  ])("answers %j with the nearest word", async (argv, word) => {
    const { code, stderr } = await runCdc(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(`Did you mean ${word}?`);
  });

  test("prints the version", async () => {
    expect((await runCdc(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe("a project that isn't right", () => {
  test("is missing: the message says where it looked and what to do", async () => {
    const cwd = temporaryFolder("cdc-empty-");
    const { code, stderr, stdout } = await runCdc(["preview"], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`no Pulumi.yaml in ${cwd} or above`);
    expect(stderr).toContain("hint:");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("lacks the stack: the nearest is named", async () => {
    const { code, stderr } = await runCdc(["up", "-y", "-s", "prd"], { cwd: project("dev", "prod") });
    expect(code).toBe(2);
    expect(stderr).toContain("no stack prd");
    expect(stderr).toContain("there are: dev, prod");
    expect(stderr).toContain("Did you mean `-s prod`?");
  });

  test("answers in JSON on stderr with --json", async () => {
    const { code, stderr, stdout } = await runCdc(["preview", "--json", "-s", "x"], { cwd: project("dev") });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "CDC_NO_STACK" } });
  });
});

describe("a command that changes things", () => {
  test.each(["up", "destroy"])("refuses to %s when it cannot ask and --yes is missing", async (command) => {
    const { code, stderr } = await runCdc([command], { cwd: project("dev") });
    expect(code).toBe(2);
    expect(stderr).toContain("no terminal to ask on");
    expect(stderr).toContain("--yes");
  });
});

test("a stream without a name is refused", async () => {
  const { code, stderr } = await runCdc(["run", "--pipeline", ""], { cwd: project("dev") });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("a name is needed") as string });
});
