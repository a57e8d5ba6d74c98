import type { TableEntry } from "../migration-set";
import { pathPart } from "../../lib/path-part";
import { FilePaths } from "./file-paths";

const of = (paths: FilePaths, table: string, schema = "{{SCHEMA}}", service = "shop") =>
  paths.of({ service, schema, table }).table;

describe("paths of generated files", () => {
  test.each([
    ["Actor", "Actor"],
    ["Order Lines", "Order Lines"],
    ["navnæøå", "navnæøå"],
    ['a/b\\c:d*e?f"g<h>i|j%k\n', "a%2Fb%5Cc%3Ad%2Ae%3Ff%22g%3Ch%3Ei%7Cj%25k%0A"],
    [".hidden", "%2Ehidden"],
    ["end.", "end%2E"],
    ["CON", "%43ON"],
  ])("hold the name %j as %j", (name, part) => {
    expect(pathPart(name)).toBe(part);
  });

  test("never differ by case alone, nor take a table for another one's staging file", () => {
    const paths = new FilePaths([]);
    const all = ["Actor", "actor", "ACTOR", "Actor-staging", "Actor-STAGING"].flatMap((table) => {
      const { table: own, staging } = paths.of({ service: "shop", schema: "s", table });
      return [own, staging];
    });
    expect(new Set(all.map((path) => path.toLowerCase())).size).toBe(10);
    expect(all.slice(0, 3)).toEqual([
      "01-tables/s/Actor.sql",
      "01-tables/s/Actor-staging.sql",
      "01-tables/s/actor~shop.sql",
    ]);
  });

  test("stay what they were when another table comes before", () => {
    const first = new FilePaths([]).of({ service: "shop", schema: "s", table: "actor" });
    const files = [first.table, first.staging].map((file) => ({ file, checksum: "" }));
    const entry: TableEntry = { service: "shop", schema: "s", table: "actor", kind: "managed", files, changes: [] };
    const paths = new FilePaths([entry]);
    expect(of(paths, "Actor", "s")).toBe("01-tables/s/Actor~shop.sql");
    expect(of(paths, "actor", "s")).toBe("01-tables/s/actor.sql");
  });

  test("of one table that two services make in one schema are two", () => {
    const paths = new FilePaths([]);
    expect([of(paths, "T", "s", "one"), of(paths, "T", "s", "two")]).toEqual([
      "01-tables/s/T.sql",
      "01-tables/s/T~two.sql",
    ]);
  });
});
