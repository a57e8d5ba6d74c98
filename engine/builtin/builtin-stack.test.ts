import { failure } from "../../test/fixtures/engine/failure";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { FileProject, type PlannedResource } from "../../test/fixtures/engine/file-project";

const file = (
  name: string,
  props: PlannedResource["props"] = {},
  opts: PlannedResource["opts"] = {},
): PlannedResource => ({
  name,
  props,
  opts,
});

describe("the built-in engine", () => {
  let project: FileProject;

  beforeEach(() => {
    project = new FileProject();
  });

  afterEach(() => {
    project.remove();
  });

  it("creates what the program registers, keeps it when nothing changes, and deletes it in reverse order", async () => {
    const resources = [
      { name: "group", component: true, props: { size: 2 } },
      file("a", { x: 1 }, { parent: "group" }),
      file("b", { from: { $: "a.made" } }, { dependsOn: ["a"] }),
    ];
    project.plan({ resources, outputs: { made: { $: "b.made" } } });
    const preview = await project.run("preview");
    expect(preview.summary).toEqual({ create: 4 });
    expect(preview.outputs).toEqual({ made: "[unknown]" });
    expect(project.exists("a")).toBe(false);

    const up = await project.run("up");
    expect(up.summary).toEqual({ create: 4 });
    expect(up.outputs).toEqual({ made: "made b" });
    expect(project.log()).toEqual(["create a", "create b"]);

    const again = await project.run("up");
    expect(again.summary).toEqual({ same: 4 });
    expect(again.changed).toBe(false);
    expect(project.log()).toEqual([]);
    expect(await (await project.open()).outputs()).toEqual({ made: "made b" });

    const destroy = await project.run("destroy");
    expect(destroy.summary).toEqual({ delete: 4 });
    expect(project.log()).toEqual(["delete b", "delete a"]);
    expect(project.resources()).toEqual([]);
  });

  it("does not touch the state file when nothing changed", async () => {
    project.plan({ resources: [file("a", { x: 1 })], outputs: { a: 1 } });
    await project.run("up");
    const before = readFileSync(project.checkpointFile, "utf8");
    await project.run("up");
    expect(readFileSync(project.checkpointFile, "utf8")).toBe(before);
  });

  it("updates what differs, naming the properties, and deletes what is no longer registered", async () => {
    project.plan({ resources: [file("a", { x: 1 }), file("b")] });
    await project.run("up");
    project.plan({ resources: [file("a", { x: 2, y: [1] })] });
    const preview = await project.run("preview");
    expect(preview.summary).toEqual({ same: 1, update: 1, delete: 1 });
    await project.run("up");
    expect(project.operations()).toEqual(["update a", "delete b"]);
    const update = project.events.find((event) => event.kind === "resource" && event.operation === "update");
    expect(update).toMatchObject({
      changed: expect.arrayContaining(["x", "y"]) as unknown,
      oldProperties: { x: 1, name: "a" },
      newProperties: { x: 2, y: [1], name: "a" },
    });
    expect(JSON.stringify(update)).not.toContain("__provider");
  });

  it("replaces by creating first and deleting last", async () => {
    project.plan({ resources: [file("a", { place: "here" }), file("b", { from: { $: "a.made" } })] });
    await project.run("up");
    project.log();
    project.plan({ resources: [file("a", { place: "there" }), file("b", { from: { $: "a.made" } })] });
    const preview = await project.run("preview");
    expect(preview.summary).toMatchObject({ replace: 1, "create-replacement": 1, "delete-replaced": 1, update: 1 });
    await project.run("up");
    expect(project.log()).toEqual(["create a-there", "update b", "delete a-here"]);
    expect(project.resources()).toHaveLength(4);
  });

  it("replaces by deleting first, with what would be replaced in turn", async () => {
    const plan = (place: string) => ({
      resources: [
        file("a", { place, deleteFirst: true }),
        file("b", { place: { $: "a.made" } }),
        file("c", { from: { $: "a.made" } }),
      ],
    });
    project.plan(plan("here"));
    await project.run("up");
    project.log();
    project.plan(plan("there"));
    await project.run("up");
    expect(project.log()).toEqual([
      "delete b-made a-here",
      "delete a-here",
      "create a-there",
      expect.stringMatching(/create b-made a-there|update c/),
      expect.stringMatching(/create b-made a-there|update c/),
    ]);
    expect(project.resources().some((resource) => resource["pendingReplacement"] === true)).toBe(false);
  });

  it("keeps what was done when a resource fails, tries nothing that depends on it, and deletes nothing", async () => {
    project.plan({ resources: [file("gone")] });
    await project.run("up");
    project.log();
    project.plan({
      resources: [file("a"), file("b", { fail: true, after: { $: "a.made" } }), file("c", { from: { $: "b.made" } })],
    });
    const error = await failure(project.run("up"));
    expect(error.code).toBe("CDC_DEPLOYMENT_FAILED");
    expect(error.message).toContain("b (pulumi-nodejs:dynamic/test:File): told to fail: b");
    expect(project.messages("error")).toEqual([expect.stringContaining("told to fail: b")]);
    expect(project.log()).toEqual(["create a", "create b"]);
    expect(project.resource("a")).toBeDefined();
    expect(project.resource("b")).toBeUndefined();
    expect(project.exists("gone")).toBe(true);

    project.plan({ resources: [file("a"), file("b"), file("c", { from: { $: "b.made" } })] });
    await project.run("up");
    expect(project.log()).toEqual(["create b", "create c", "delete gone"]);
  });

  it("reports every invalid resource of a preview at once", async () => {
    project.plan({
      resources: [file("a"), { ...file("one"), props: { name: "" } }, { ...file("two"), props: { name: "" } }],
    });
    const error = await failure(project.run("preview"));
    expect(error.message).toContain("one (pulumi-nodejs:dynamic/test:File): name: must not be empty");
    expect(error.message).toContain("two (pulumi-nodejs:dynamic/test:File): name: must not be empty");
  });

  it.each(["throw", "exit"] as const)("deletes nothing when the program ends by %s", async (crash) => {
    project.plan({ resources: [file("a"), file("b")] });
    await project.run("up");
    project.plan({ resources: [file("a")], crash });
    const error = await failure(project.run("up"));
    expect(error.code).toBe("CDC_PROGRAM_FAILED");
    expect(error.message).toContain(crash === "throw" ? "the program was told to crash" : "exit code 3");
    expect(project.exists("b")).toBe(true);
    expect(project.resource("b")).toBeDefined();
  });

  it("says so when the provider's process dies, and goes on with the next run", async () => {
    project.plan({ resources: [file("a", { die: true })] });
    expect((await failure(project.run("up"))).message).toContain("the dynamic provider ended with exit code 7");
    project.plan({ resources: [file("a")] });
    expect((await project.run("up")).summary).toMatchObject({ create: 1 });
  });

  it("passes on an error that the user can mend, with its hint and without a stack", async () => {
    project.plan({ resources: [file("a")], crash: "mendable" });
    const error = await failure(project.run("preview"));
    expect(error).toMatchObject({ code: "CDC_TEST", message: "no such table", hint: "Make it." });
  });

  it("reads drift into the state, and repairs it", async () => {
    project.plan({ resources: [file("a", { x: 1 }), file("b"), file("c")] });
    await project.run("up");
    writeFileSync(project.path("out", "a.json"), JSON.stringify({ name: "a", x: 99, checked: true }));
    rmSync(project.path("out", "b.json"));
    const preview = await project.run("preview", { refresh: true });
    expect(preview.summary).toEqual({ refresh: 2, same: 2, update: 1, create: 1 });

    const refresh = await project.run("refresh");
    expect(refresh.summary).toEqual({ same: 1, update: 1, delete: 1 });
    const update = project.events.find((event) => event.kind === "resource" && event.operation === "update");
    expect(update).toMatchObject({ name: "a", changed: ["x"], oldProperties: { x: 1 }, newProperties: { x: 99 } });
    expect(project.resource("b")).toBeUndefined();

    project.log();
    await project.run("up");
    expect(project.log().sort()).toEqual(["create b", "update a"]);
    expect((await project.run("refresh")).changed).toBe(false);
  });

  it("refuses unexpected changes when none are expected", async () => {
    project.plan({ resources: [file("a")] });
    expect((await failure(project.run("preview", { expectNoChanges: true }))).code).toBe("CDC_CHANGES_FOUND");
    await project.run("up");
    await project.run("preview", { expectNoChanges: true });
  });
});
