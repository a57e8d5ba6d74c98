import { removeProjects, writeProject } from "../test/fixtures/project";
import { configuredNames } from "./names";

afterAll(removeProjects);

describe("names of a configuration", () => {
  test("are those of a service when one is chosen", () => {
    const other = "other: { source: { tables: { dbo.Bill: } }, sinks: { main.other: { tables: { Bill: } } } }\n";
    const folder = writeProject({ "services/other.yaml": other });
    expect(configuredNames(folder, "sinks")).toEqual(["main.clinic", "main.other"]);
    expect(configuredNames(folder, "sinks", "other")).toEqual(["main.other"]);
    expect(configuredNames(folder, "tables", "other")).toEqual(["dbo.Bill", "north.Bill"]);
    expect(configuredNames(folder, "tables", "clinic")).toEqual(["dbo.Actor", "north.Actor"]);
  });

  test("are none in a folder that isn't there, or of a service that isn't there", () => {
    expect(configuredNames("/nowhere", "services")).toEqual([]);
    expect(configuredNames(writeProject({}), "tables", "nobody")).toEqual([]);
  });

  test("need no variable to be set", () => {
    const folder = writeProject({
      "services/clinic.yaml":
        "clinic: { source: { tables: {} }, sinks: { s: { databases: { qa: '${NOT_SET}' }, tables: {} } } }",
    });
    expect(configuredNames(folder, "environments")).toEqual(["dev", "qa"]);
  });
});
