import { failure } from "../../test/fixtures/engine/failure";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { FileProject } from "../../test/fixtures/engine/file-project";
import { PassphraseVault } from "./passphrase";
import { readProject } from "./project";
import { readConfig, readStackFile } from "./stack-config";

describe("secrets on the built-in engine", () => {
  let project: FileProject;
  const environment = { ...process.env };

  beforeEach(() => {
    project = new FileProject();
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "a passphrase";
  });

  afterEach(() => {
    process.env = { ...environment };
    project.remove();
  });

  it("stay encrypted in the state, masked in events and outputs, and reach the provider in clear", async () => {
    const props = { password: { secret: "hunter22" }, deep: { inner: { secret: ["hunter22", 1] } } };
    project.plan({ resources: [{ name: "a", props }], outputs: { password: { secret: "hunter22" } } });
    const up = await project.run("up");
    expect(up.outputs).toEqual({ password: "[secret]" });
    expect(JSON.stringify(project.events)).not.toContain("hunter22");
    expect(readFileSync(project.checkpointFile, "utf8")).not.toContain("hunter22");
    expect(JSON.parse(readFileSync(project.path("out", "a.json"), "utf8"))).toMatchObject({
      password: "hunter22",
      deep: { inner: ["hunter22", 1] },
    });
    expect(readFileSync(project.stackFile, "utf8")).toMatch(/^encryptionsalt: v1:\S+:v1:\S+:\S+$/m);

    const before = readFileSync(project.checkpointFile, "utf8");
    expect((await project.run("up")).changed).toBe(false);
    expect(readFileSync(project.checkpointFile, "utf8")).toBe(before);
  });

  it("are compared by value: a changed secret is a change, named but not shown", async () => {
    project.plan({ resources: [{ name: "a", props: { password: { secret: "first one" } } }] });
    await project.run("up");
    project.plan({ resources: [{ name: "a", props: { password: { secret: "second one" } } }] });
    await project.run("up");
    const update = project.events.find((event) => event.kind === "resource" && event.operation === "update");
    expect(update).toMatchObject({ changed: ["password"], oldProperties: { password: "[secret]" } });
  });

  it("become of outputs what the program says of them", async () => {
    project.plan({
      resources: [{ name: "a", opts: { additionalSecretOutputs: ["made"] } }],
      outputs: { made: { $: "a.made" } },
    });
    const up = await project.run("up");
    expect(up.outputs).toEqual({ made: "[secret]" });
    expect(JSON.stringify(project.resource("a"))).not.toContain("made a");
  });

  it("are asked for before anything is made that could not be stored", async () => {
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    project.plan({ resources: [{ name: "a", props: { password: { secret: "hunter22" } } }] });
    expect((await failure(project.run("up"))).message).toContain("no passphrase is set");
    expect(project.log()).toEqual([]);
    writeFileSync(project.path("phrase"), "a passphrase\n");
    process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] = project.path("phrase");
    await project.run("up");
    process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] = project.path("nowhere");
    expect((await failure(project.run("up"))).message).toContain("nowhere cannot be read");
  });

  it("of the configuration never reach a message", async () => {
    await project.run("up");
    const vault = new PassphraseVault({}, process.env, (salt) =>
      appendFileSync(project.stackFile, `encryptionsalt: ${salt}\n`),
    );
    const secure = vault.encrypt("correct horse", "");
    project.configure({ "files:name": `{ secure: "${secure}" }` }, `encryptionsalt: ${vault.salt ?? ""}\n`);
    project.plan({ resources: [{ name: "a", props: { name: { config: "name" }, fail: true } }] });
    const error = await failure(project.run("up"));
    expect(error.message).toContain("told to fail: [secret]");
    expect(JSON.stringify(project.events)).not.toContain("correct horse");
  });

  it("of a damaged stack file are named", async () => {
    project.configure({ "files:token": '{ secure: "v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }' });
    project.plan({ resources: [] });
    expect((await failure(project.run("preview"))).message).toContain("files:token is encrypted, but the stack has no");
  });
});

describe("the configuration of a stack", () => {
  let project: FileProject;

  beforeEach(() => {
    project = new FileProject();
  });

  afterEach(() => {
    project.remove();
  });

  function texts(): Record<string, string> {
    const read = readProject(project.path("project"));
    const file = readStackFile(read, "dev");
    const vault = new PassphraseVault({}, {}, () => undefined);
    return Object.fromEntries(readConfig(read, file, vault).map(({ key, text }) => [key, text]));
  }

  it("is text for scalars and sorted JSON for the rest, as the Pulumi CLI passes it", () => {
    project.configure({
      "cdc:port": "5432",
      "cdc:on": "true",
      "cdc:ratio": "1.50",
      "cdc:sink": "{ user: u, host: h, ports: [1, 2] }",
      "cdc:day": "2026-01-01",
      bare: "x",
      "old:config:key": "y",
    });
    expect(texts()).toMatchObject({
      "cdc:port": "5432",
      "cdc:on": "true",
      "cdc:ratio": "1.5",
      "cdc:sink": '{"host":"h","ports":[1,2],"user":"u"}',
      "cdc:day": "2026-01-01",
      "files:bare": "x",
      "old:key": "y",
    });
  });

  it("takes defaults from the project", () => {
    appendFileSync(
      project.path("project", "Pulumi.yaml"),
      "config:\n  region: eu\n  files:size: { type: integer, default: 3 }\n  files:absent: { type: string }\n",
    );
    project.configure({ "files:region": "us" });
    expect(texts()).toMatchObject({ "files:region": "us", "files:size": "3" });
    expect(texts()).not.toHaveProperty("files:absent");
  });

  it.each([
    ["secretsprovider: awskms://key\n", "secretsprovider awskms://key"],
    ["environment: [prod]\n", "environment"],
    ["config: [\n", "cannot be read"],
    ["- a\n", "must be a YAML mapping"],
  ])("refuses %j by name", (text, message) => {
    writeFileSync(project.stackFile, text);
    expect(texts).toThrow(message);
  });
});

describe("a project", () => {
  let project: FileProject;

  beforeEach(() => {
    project = new FileProject();
  });

  afterEach(() => {
    project.remove();
  });

  it.each([
    ["name: files\nruntime: python\n", "runs nodejs programs, not python"],
    ["name: a/b\nruntime: nodejs\n", "name must be letters"],
    ["name: files\nruntime: nodejs\nmain: dist/gone.js\n", "which does not exist"],
  ])("is refused by name when it says %j", (text, message) => {
    writeFileSync(project.path("project", "Pulumi.yaml"), text);
    expect(() => readProject(project.path("project"))).toThrow(message);
  });

  it("must be there", () => {
    expect(() => readProject(project.directory)).toThrow("there is no Pulumi.yaml in");
  });
});
