import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoopbackRegistry } from "../test/registry";
import { newFolder } from "../test/registry/packed";
import { runCdc } from "../test/harness/captured-io";
import { startCdc } from "../test/harness/cdc-process";

const MANIFEST = { name: "orders-input", role: "input", description: "Orders, as they change." };

let registry: LoopbackRegistry;
let cwd: string;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  registry = await LoopbackRegistry.start();
  cwd = newFolder();
  env = { PATH: process.env["PATH"], HOME: newFolder() };
  mkdirSync(join(cwd, "p"));
  writeFileSync(join(cwd, "p", "provider.sh"), "#!/bin/sh\ncat\n");
  writeFileSync(join(cwd, "p", "provider.json"), JSON.stringify(MANIFEST));
});

afterEach(() => registry.stop());

const cdc = (...argv: string[]) => runCdc(["providers", ...argv], { cwd, env });

async function ok(...argv: string[]): Promise<string> {
  const run = await cdc(...argv);
  expect({ ...run }).toMatchObject({ code: 0 });
  return run.stdout;
}

async function pushed(tag = "v1.2.0"): Promise<string> {
  await ok("pack", "p", "--version", "1.2.0");
  const name = `${registry.host}/acme/orders-input:${tag}`;
  await ok("push", "orders-input-1.2.0.oci", name);
  return name;
}

describe("cdc providers", () => {
  test("packs, pushes, finds, pulls and lists a provider", async () => {
    expect(await ok("pack", "p", "--version", "1.2.0")).toMatch(
      /^packed orders-input 1\.2\.0 into orders-input-1\.2\.0\.oci\ndigest sha256:\w{64}\nPLATFORM {2}SIZE\nany {7}\d+ B\n$/,
    );
    const name = `${registry.host}/acme/orders-input`;
    expect(await ok("push", "orders-input-1.2.0.oci", name)).toContain(`pushed ${name}:1.2.0 for any`);
    expect(await ok("search", `${registry.host}/acme`)).toMatch(
      /orders-input +input +1\.2\.0 +Orders, as they change\./,
    );
    expect(await ok("pull", `${name}:1.2.0`)).toContain("(orders-input 1.2.0, input)");
    const listed = await ok("list");
    expect(listed).toMatch(/sqlserver +input +\S+ +built in/);
    expect(listed).toMatch(new RegExp(`orders-input +input +1\\.2\\.0 +${name}:1\\.2\\.0 +sha256:\\w{12}`));
    expect(await ok("search", "orders")).toContain(name);
    expect(await ok("search", "servicebus")).toContain("built in, also as cdc-servicebus-output");
  });

  test("prints all of it as JSON", async () => {
    const packed = JSON.parse(await ok("pack", "p", "--version", "1.2.0", "--json"));
    expect(packed).toMatchObject({ manifest: { ...MANIFEST, version: "1.2.0", protocol: 1, platforms: ["any"] } });
    const name = `${registry.host}/acme/orders-input:v1.2.0`;
    const push = JSON.parse(await ok("push", packed.folder, name, "--json"));
    expect(push).toMatchObject({ reference: name, digest: packed.digest });
    const [pull] = JSON.parse(await ok("pull", name, "--json"));
    expect(pull).toMatchObject({ reference: name, digest: packed.digest, kind: "process" });
    expect(existsSync(pull.file)).toBe(true);
    const { builtIn, cache } = JSON.parse(await ok("list", "--json"));
    expect(builtIn.length).toBe(5);
    expect(cache.providers).toMatchObject([{ reference: name, digest: packed.digest }]);
    expect(JSON.parse(await ok("search", name.replace(/:v.*/, ""), "--json"))).toMatchObject([{ tags: ["v1.2.0"] }]);
  });

  test("locks a tag beside a task file, and tells when it moved", async () => {
    const name = await pushed();
    await ok("pull", name);
    expect(existsSync(join(cwd, "cdc-providers.lock.json"))).toBe(false);
    writeFileSync(join(cwd, "tasks.yaml"), "tasks: {}\n");
    await ok("pull", name);
    expect(readFileSync(join(cwd, "cdc-providers.lock.json"), "utf8")).toContain(`"${name}"`);
    writeFileSync(join(cwd, "p", "provider.sh"), "#!/bin/sh\ncat -\n");
    await ok("pack", "p", "--version", "1.2.0");
    expect((await cdc("push", "orders-input-1.2.0.oci", name)).stderr).toContain("; this would make it sha256:");
    await ok("push", "orders-input-1.2.0.oci", name, "--force");
    const moved = await cdc("pull", name);
    expect(moved.code).toBe(2);
    expect(moved.stderr).toMatch(/stands for sha256:\w{64} now; the lock file has sha256:\w{64}/);
    await ok("pull", name, "--update");
    await ok("pull", name, "--offline");
  });

  test("tells what is missing, and where to look", async () => {
    const pack = await cdc("pack", "p");
    expect({ code: pack.code, stderr: pack.stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("version must be a semantic version") as string,
    });
    const push = await cdc("push", "p", `${registry.host}/a/x:v1`);
    expect(push.stderr).toContain("holds no packed provider");
    const gone = await cdc("pull", `${registry.host}/a/gone:v1`);
    expect(gone.stderr).toMatch(/there is no such provider or tag[\s\S]*cdc providers search/);
    expect((await cdc("search", "nothing-like-it")).code).toBe(1);
  });

  test("leaves the version of cdc to cdc", async () => {
    expect((await runCdc(["--version"], { cwd, env })).stdout).toMatch(/^\d+\.\d+\.\d+/);
    expect((await runCdc(["providers", "--version"], { cwd, env })).stdout).toMatch(/^\d+\.\d+\.\d+/);
    await ok("pack", "p", "--version=1.2.3", "-s", "dev");
    expect(existsSync(join(cwd, "orders-input-1.2.3.oci"))).toBe(true);
  });

  test("pulls in several processes at once, each with the same result", async () => {
    const name = await pushed();
    const runs = Array.from({ length: 3 }, () => startCdc(["providers", "pull", name], { cwd, env }).ended);
    const ended = await Promise.all(runs);
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(ended.map(({ stdout }) => stdout)).size).toBe(1);
  });
});
