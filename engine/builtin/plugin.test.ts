import { delimiter, resolve } from "node:path";
import { FileProject } from "../../test/fixtures/engine/file-project";

describe("a provider plugin on PATH, on the built-in engine", () => {
  const environment = { ...process.env };

  afterEach(() => {
    process.env = { ...environment };
  });

  it("is started, configured by its resource or by the stack, and driven", async () => {
    const folder = resolve(__dirname, "../../test/fixtures/engine/plugin");
    process.env["PATH"] = `${folder}${delimiter}${environment["PATH"] ?? ""}`;
    process.env["ECHO_SDK"] = resolve(__dirname, "../../node_modules");
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "";
    const project = new FileProject({ "echo:greeting": "from the stack" });
    try {
      project.plan({ resources: [], use: "echo", greeting: "from the program", x: 1 });
      await project.run("up");
      expect(project.operations()).toEqual(["create files-dev", "create mine", "create first", "create second"]);
      expect(project.resource("first")).toMatchObject({
        id: "echo-1",
        outputs: { x: 1, greeting: "from the program" },
      });
      expect(project.resource("second")).toMatchObject({ outputs: { greeting: "from the stack" } });
      expect(JSON.stringify(project.resources())).not.toContain("hunter22");

      expect((await project.run("up")).changed).toBe(false);
      project.plan({ resources: [], use: "echo", greeting: "from the program", x: 2 });
      await project.run("up");
      expect(project.operations()).toEqual(["update first"]);
      expect((await project.run("refresh")).changed).toBe(false);
      expect((await project.run("destroy")).summary).toEqual({ delete: 4 });
    } finally {
      project.remove();
    }
  });
});
