import { FileProject, type Plan } from "../../test/fixtures/engine/file-project";

const PLAN: Plan = {
  resources: [
    { name: "group", component: true, props: { size: 2 } },
    { name: "a", props: { x: 1, deep: { list: [1, "two", null] } }, opts: { parent: "group" } },
    { name: "b", props: { from: { $: "a.made" }, password: { secret: "hunter22" } }, opts: { dependsOn: ["a"] } },
    { name: "c", props: { from: { $: "b.made" } }, opts: { protect: false, deletedWith: "a" } },
  ],
  outputs: { made: { $: "c.made" }, hidden: { secret: "swordfish" } },
};

/** What a run leaves in the state, without what differs from run to run. */
async function stateAfterUp(): Promise<unknown> {
  const project = new FileProject();
  try {
    project.plan(PLAN);
    await project.run("up");
    const { deployment } = (await (await project.open()).export()) as { deployment: { resources: object[] } };
    const text = JSON.stringify(deployment.resources.map((resource) => ({ ...resource, created: "", modified: "" })));
    return JSON.parse(
      text
        .replaceAll(project.directory, "<project>")
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
        .replace(/"(ciphertext|sourcePosition)":"[^"]*"/g, '"$1":""'),
    ) as unknown;
  } finally {
    project.remove();
  }
}

describe("the trimmed SDK", () => {
  const environment = { ...process.env };

  beforeEach(() => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "open sesame";
  });

  afterEach(() => {
    process.env = { ...environment };
  });

  it("leaves the same state as the SDK as it comes", async () => {
    const trimmed = await stateAfterUp();
    process.env["CDC_ENGINE_TUNING"] = "off";
    expect(await stateAfterUp()).toEqual(trimmed);
    expect(trimmed).toHaveLength(PLAN.resources.length + 2);
  });

  it.each(["on", "off"])("forgets the outputs that a component no longer registers (tuning %s)", async (tuning) => {
    process.env["CDC_ENGINE_TUNING"] = tuning;
    const project = new FileProject();
    try {
      project.plan(PLAN);
      await project.run("up");
      expect(project.resource("group")).toMatchObject({ outputs: { size: 2 } });
      project.plan({ resources: [{ name: "group", component: true }] });
      await project.run("up");
      expect(project.resource("group")?.["outputs"]).toBeUndefined();
    } finally {
      project.remove();
    }
  });
});
