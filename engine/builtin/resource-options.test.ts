import { failure } from "../../test/fixtures/engine/failure";
import { readFileSync } from "node:fs";
import { FileProject, type PlannedResource } from "../../test/fixtures/engine/file-project";

const file = (
  name: string,
  props: PlannedResource["props"] = {},
  opts: PlannedResource["opts"] = {},
): PlannedResource => ({ name, props, opts });
const urnOf = (name: string): string => `urn:pulumi:dev::files::pulumi-nodejs:dynamic/test:File::${name}`;

describe("resource options on the built-in engine", () => {
  let project: FileProject;

  beforeEach(() => {
    project = new FileProject();
  });

  afterEach(() => {
    project.remove();
  });

  it("protects from deletion, replacement and destroy, before anything else is deleted", async () => {
    project.plan({ resources: [file("a", { place: "here" }, { protect: true }), file("b")] });
    await project.run("up");
    project.log();
    project.plan({ resources: [] });
    const error = await failure(project.run("up"));
    expect(error.message).toContain("protected: a (pulumi-nodejs:dynamic/test:File)");
    expect((await failure(project.run("destroy"))).code).toBe("CDC_PROTECTED");
    expect((await failure(project.run("preview"))).code).toBe("CDC_PROTECTED");
    project.plan({ resources: [file("a", { place: "there" }, { protect: true }), file("b")] });
    expect((await failure(project.run("up"))).message).toContain("it would be replaced (place), and it is protected");
    expect(project.log()).toEqual([]);
    expect(project.exists("b")).toBe(true);
  });

  it("forgets without deleting what is retained", async () => {
    project.plan({ resources: [file("a", {}, { retainOnDelete: true }), file("b")] });
    await project.run("up");
    project.log();
    expect((await project.run("destroy")).summary).toEqual({ delete: 3 });
    expect(project.log()).toEqual(["delete b"]);
    expect(project.exists("a-here") || project.exists("a")).toBe(true);
  });

  it("passes protection and retention on to the children of a component", async () => {
    const group = { name: "group", component: true, opts: { protect: true, retainOnDelete: true } };
    project.plan({ resources: [group, file("a", {}, { parent: "group" })] });
    await project.run("up");
    expect(project.resource("a")).toMatchObject({ protect: true, retainOnDelete: true });
  });

  it("ignores changes where it is told to", async () => {
    const opts = { ignoreChanges: ["x", "deep.inner", "list[0]"] };
    const props = { x: 1, deep: { inner: 1, other: 1 }, list: [1, 2] };
    project.plan({ resources: [file("a", props, opts)] });
    await project.run("up");
    project.plan({ resources: [file("a", { x: 2, deep: { inner: 2, other: 1 }, list: [9, 2] }, opts)] });
    expect((await project.run("up")).changed).toBe(false);
    project.plan({ resources: [file("a", { x: 2, deep: { inner: 2, other: 5 }, list: [9, 2] }, opts)] });
    await project.run("up");
    expect(project.resource("a")?.["inputs"]).toMatchObject({ x: 1, deep: { inner: 1, other: 5 }, list: [1, 2] });
  });

  it("replaces on changes that the program names", async () => {
    const opts = { replaceOnChanges: ["x"] };
    project.plan({ resources: [file("a", { x: 1, y: 1 }, opts)] });
    await project.run("up");
    project.plan({ resources: [file("a", { x: 1, y: 2 }, opts)] });
    await project.run("up");
    expect(project.operations()).toEqual(["update a"]);
    project.plan({ resources: [file("a", { x: 2, y: 2 }, opts)] });
    await project.run("up");
    expect(project.operations()).toContain("replace a");
  });

  it("replaces when the replacement trigger changes", async () => {
    project.plan({ resources: [file("a", {}, { replacementTrigger: "v1" })] });
    await project.run("up");
    expect((await project.run("up")).changed).toBe(false);
    project.plan({ resources: [file("a", {}, { replacementTrigger: "v2" })] });
    await project.run("up");
    expect(project.operations()).toContain("replace a");
  });

  it("finds a renamed resource by its alias, and its children by their parent's", async () => {
    const group = { name: "group", component: true };
    project.plan({ resources: [group, file("group-a", { name: "a" }, { parent: "group" })] });
    await project.run("up");
    project.log();
    const renamed = { name: "team", component: true, opts: { aliases: [{ name: "group" }] } };
    project.plan({ resources: [renamed, file("team-a", { name: "a" }, { parent: "team" })] });
    expect((await project.run("up")).summary).toEqual({ same: 3 });
    expect(project.log()).toEqual([]);
    expect(project.resources().map(({ urn }) => String(urn))).toEqual(
      expect.arrayContaining(["urn:pulumi:dev::files::test:index:Group$pulumi-nodejs:dynamic/test:File::team-a"]),
    );
    expect(project.resource("group")).toBeUndefined();
  });

  it("does not delete what goes with another resource", async () => {
    project.plan({ resources: [file("a"), file("b", {}, { deletedWith: "a" })] });
    await project.run("up");
    project.log();
    await project.run("destroy");
    expect(project.log()).toEqual(["delete a"]);
  });

  it("works on targets only", async () => {
    project.plan({ resources: [file("a", { x: 1 }), file("b", { x: 1 })] });
    await project.run("up");
    project.log();
    project.plan({ resources: [file("a", { x: 2 }), file("b", { x: 2 }), file("c")] });
    const up = await project.run("up", { targets: [urnOf("a")] });
    expect(up.summary).toMatchObject({ update: 1 });
    expect(project.log()).toEqual(["update a"]);
    expect(project.resource("b")?.["inputs"]).toMatchObject({ x: 1 });

    project.plan({ resources: [file("a", { x: 2 }), file("c"), file("d", { from: { $: "c.made" } })] });
    expect((await failure(project.run("up", { targets: [urnOf("d")] }))).message).toContain("it needs c");
    await project.run("up", { targets: ["**File::b"] });
    expect(project.log()).toEqual(["delete b"]);
    await project.run("destroy", { targets: [urnOf("a")] });
    expect(project.log()).toEqual(["delete a"]);
    expect(project.resources()).not.toHaveLength(0);
  });

  it("does not delete a target that others depend on", async () => {
    project.plan({ resources: [file("a"), file("b", { from: { $: "a.made" } })] });
    await project.run("up");
    const error = await failure(project.run("destroy", { targets: [urnOf("a")] }));
    expect(error.code).toBe("CDC_TARGET_DEPENDENTS");
    expect(error.message).toContain("b (pulumi-nodejs:dynamic/test:File)");
  });

  it("imports what exists, and then makes it as the program has it", async () => {
    project.plan({ resources: [file("a", { x: 1 })] });
    await project.run("up");
    await (await project.open()).import({ version: 3, deployment: {} });
    project.log();
    project.plan({ resources: [file("a", { x: 2 }, { import: "a" })] });
    await project.run("up");
    expect(project.log()).toEqual(["read a", "update a"]);
    expect(project.operations()).toEqual(["create files-dev", "import a", "update a"]);
    expect((await project.run("up")).changed).toBe(false);
    project.plan({ resources: [file("b", {}, { import: "nothing" })] });
    expect((await failure(project.run("up"))).message).toContain("nothing with the id nothing");
  });

  it("records a resource that exists but is not ready, and finishes it with the next run", async () => {
    project.plan({ resources: [file("a", { unready: true })] });
    expect((await failure(project.run("up"))).message).toContain("it does not answer");
    expect(project.resource("a")).toMatchObject({ id: "a", initErrors: ["it does not answer"] });
    project.plan({ resources: [file("a")] });
    project.log();
    await project.run("up");
    expect(project.log()).toEqual(["update a"]);
    expect(project.resource("a")).not.toHaveProperty("initErrors");
  });

  it("keeps what depends on a resource that could not be deleted, and nothing it depends on is deleted", async () => {
    project.plan({
      resources: [
        file("a"),
        file("b", { failDelete: true, from: { $: "a.made" } }),
        file("c", { from: { $: "b.made" } }),
      ],
    });
    await project.run("up");
    project.log();
    expect((await failure(project.run("destroy"))).message).toContain("told not to go: b");
    expect(project.log()).toEqual(["delete c", "delete b"]);
    expect(project.resource("a")).toBeDefined();
    expect(project.resource("c")).toBeUndefined();
  });

  it.each([
    ["invoke", "the function aws:index:getRegion"],
    ["transform", "a stack transform"],
    ["remote", "thing (aws:index:Thing) is a remote component"],
    ["reference", "reading organization/other/dev (pulumi:pulumi:StackReference)"],
    ["plugin", "pulumi-resource-nowhere"],
  ])("refuses %s by name, and says how to go on", async (use, message) => {
    project.plan({ resources: [], use });
    const error = await failure(project.run("up"));
    expect(error.message).toContain(message);
    expect(`${error.message} ${error.hint ?? ""}`).toContain(use === "plugin" ? "on PATH" : "Install the Pulumi CLI");
  });

  it("starts no new work after a cancellation, finishes what is under way, and saves it", async () => {
    const slow = (name: string) => file(name, { delayMs: 1500 });
    project.plan({ resources: [slow("a"), file("b", { from: { $: "a.made" } })] });
    const controller = new AbortController();
    const run = project.run("up", {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === "resource-start" && event.urn === urnOf("a")) controller.abort();
      },
    });
    expect((await failure(run)).code).toBe("CDC_CANCELLED");
    expect(project.log()).toEqual(["create a"]);
    expect(project.resource("a")).toBeDefined();
    expect(project.resource("b")).toBeUndefined();
    await project.run("up");
    expect(project.log()).toEqual(["create b"]);
    expect(readFileSync(project.checkpointFile, "utf8")).toContain("made b");
  });
});
