import { failure } from "../../../test/fixtures/engine/failure";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { checkpointFaults } from "../../../test/fixtures/engine/checkpoint-rules";
import { FileProject } from "../../../test/fixtures/engine/file-project";

/** Salt and ciphertext as the Pulumi CLI wrote them under the passphrase `password`. */
const salt = "v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ==";
const secret = "s3cret-token";

const plan = {
  resources: [
    { name: "group", component: true, props: { size: 1 } },
    { name: "a", props: { x: 1 }, opts: { parent: "group" } },
    {
      name: "b",
      props: { from: { $: "a.made" }, token: { config: "token" } },
      opts: { protect: true, retainOnDelete: true, additionalSecretOutputs: ["token"], ignoreChanges: ["y"] },
    },
  ],
  outputs: { made: { $: "a.made" }, token: { config: "token" } },
};

describe("a checkpoint of the Pulumi CLI", () => {
  let project: FileProject;
  const environment = { ...process.env };

  beforeEach(() => {
    project = new FileProject();
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "password";
  });

  afterEach(() => {
    process.env = { ...environment };
    project.remove();
  });

  function recorded(): string {
    const text = readFileSync(resolve(__dirname, "../../../test/fixtures/engine/checkpoints/pretty-v3.json"), "utf8");
    return text
      .replaceAll("@HANDLER@", project.path("project", "handler.js"))
      .replaceAll("@FOLDER@", project.path("out"))
      .replaceAll("@PLAN@", project.path("plan.json"));
  }

  function record(text: string, file = project.checkpointFile): void {
    const secure = /"files:token": \{[^}]*"ciphertext": "([^"]+)"/.exec(recorded())?.[1] ?? "";
    mkdirSync(dirname(file), { recursive: true });
    mkdirSync(project.path("out"), { recursive: true });
    writeFileSync(file, file.endsWith(".gz") ? gzipSync(text) : text);
    writeFileSync(project.path("state", ".pulumi", "meta.yaml"), "version: 1\n");
    // The state holds the JSON of a value, the stack file the value itself; the fixture's handlers read both alike.
    project.configure({ "files:token": `{ secure: "${secure}" }` }, `encryptionsalt: ${salt}\n`);
  }

  it("opens here, keeps what is the same, and finishes what was pending", async () => {
    record(recorded());
    expect(checkpointFaults(JSON.parse(recorded()), "organization/files/dev")).toEqual([]);
    writeFileSync(project.path("out", "c-old.json"), "{}");
    project.configure({ "files:token": JSON.stringify(secret) }, `encryptionsalt: ${salt}\n`);
    project.plan(plan);
    const up = await project.run("up");
    expect(up.summary).toEqual({ same: 4, "delete-replaced": 1 });
    expect(project.log()).toEqual(["delete c-old"]);
    expect(project.messages().join()).toContain("interrupted while creating");
  });

  it("goes on with checkpoints written here, which keep its rules, ids and secrets", async () => {
    record(recorded());
    project.plan({
      ...plan,
      resources: plan.resources.map((it) => (it.name === "a" ? { ...it, props: { x: 2 } } : it)),
    });
    await project.run("up");
    const text = readFileSync(project.checkpointFile, "utf8");
    expect(checkpointFaults(JSON.parse(text), "organization/files/dev")).toEqual([]);
    expect(text).not.toContain(secret);
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect(project.resource("default")?.["id"]).toBe("0e5f2f6b-6f3a-4b8e-9b9d-2f1f3a5d7c11");
    expect(project.resource("b")).toMatchObject({
      protect: true,
      retainOnDelete: true,
      additionalSecretOutputs: ["token"],
    });
    expect(project.resource("a")).toMatchObject({ created: "2026-03-04T05:06:07.123456789Z" });
  });

  it("opens compressed with gzip, and is plain afterwards", async () => {
    record(recorded(), `${project.checkpointFile}.gz`);
    project.plan(plan);
    await project.run("up");
    expect(
      checkpointFaults(JSON.parse(readFileSync(project.checkpointFile, "utf8")), "organization/files/dev"),
    ).toEqual([]);
  });

  it("gives its outputs and its export without the passphrase", async () => {
    record(recorded());
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    const stack = await project.open();
    expect(await stack.outputs()).toEqual({ made: "made a", token: "[secret]" });
    expect(JSON.stringify(await stack.export())).toContain(salt);
  });

  it("is imported from an export, secrets and all", async () => {
    record(recorded());
    const exported = await (await project.open()).export();
    await (await project.open()).import({ version: 3, deployment: {} });
    expect(project.resources()).toEqual([]);
    await (await project.open()).import(exported);
    expect(project.resources()).toHaveLength(6);
    const foreign = JSON.parse(JSON.stringify(exported).replaceAll("pulumi:dev::", "pulumi:prod::")) as unknown;
    expect((await failure((await project.open()).import(foreign))).code).toBe("CDC_IMPORT_FOREIGN");
  });

  it.each([
    ["is not JSON", (text: string) => text.slice(0, 500), "damaged"],
    [
      "was changed by hand",
      (text: string) => text.replace(/"magic": "\w/, '"magic": "x'),
      "its manifest does not match",
    ],
    ["is of version 2", (text: string) => text.replace('"version": 3', '"version": 2'), "deployment version 2"],
    [
      "needs what is not there",
      (text: string) => text.replace('"version": 3,', '"version": 4, "features": ["hooks"],'),
      "uses hooks",
    ],
    ["keeps its secrets in a cloud", (text: string) => text.replace('"passphrase"', '"cloud"'), 'with "cloud"'],
    [
      "has a resource without a type",
      (text: string) => text.replace('"type": "test:index:Group"', '"type": ""'),
      "without urn or type",
    ],
    ["has views", (text: string) => text.replace('"protect": false', '"viewOf": "x"'), "uses viewOf"],
  ])("is refused by name when it %s", async (_what, damage, message) => {
    record(damage(recorded()));
    project.plan(plan);
    const error = await failure(project.run("up"));
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
    expect(project.log()).toEqual([]);
  });

  it("is not opened with the wrong passphrase, or none", async () => {
    record(recorded());
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "guess";
    expect((await failure(project.run("preview"))).code).toBe("CDC_PASSPHRASE_WRONG");
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    expect((await failure(project.run("preview"))).code).toBe("CDC_PASSPHRASE_MISSING");
  });
});
