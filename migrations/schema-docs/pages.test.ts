import { join } from "node:path";
import { load } from "js-yaml";
import { loadPipelineModel } from "../../config";
import type { PipelineModel } from "../../model/sink";
import { expectGolden } from "../../test/harness/golden";
import { column, pipelineModel, sinkTable } from "../../test/harness/sink-model";
import { rootPage, servicePages, type Page } from "./pages";

const EXAMPLE = join(__dirname, "../../examples/db-per-tenant");

function example(): PipelineModel {
  return loadPipelineModel(EXAMPLE, { environment: "dev", env: {} });
}

function textOf(pages: readonly Page[], path: string): string {
  return pages.find((page) => page.path === path)?.text ?? `no page ${path}`;
}

describe("the pages of a service", () => {
  test("are those of the golden files for the example", () => {
    const pages = servicePages(example());
    expectGolden("schema-docs/Patient.md", textOf(pages, "clinic/main.clinic/_customers/Patient.md"));
    expectGolden("schema-docs/Patient.yaml", textOf(pages, "clinic/main.clinic/_customers/Patient.yaml"));
    expectGolden("schema-docs/service.md", textOf(pages, "clinic/index.md"));
    expectGolden("schema-docs/service.yaml", textOf(pages, "clinic/index.yaml"));
    expectGolden("schema-docs/index.md", rootPage(["clinic"]).text);
  });

  test("are the same bytes each time", () => {
    expect(servicePages(example())).toEqual(servicePages(example()));
  });

  test("tell a table of all customers once, and one that differs on its own", () => {
    const own = [column("Id", "bigint", { nullable: false }), column("Extra", "text")];
    const pages = servicePages(
      pipelineModel([
        sinkTable("north", "Actor", { tenant: "north" }),
        sinkTable("south", "Actor", { tenant: "south" }),
        sinkTable("west", "Actor", { tenant: "west", columns: own }),
      ]),
    );
    const paths = pages.map(({ path }) => path).filter((path) => path.endsWith("Actor.md"));
    expect(paths).toEqual(["test/main.test/_customers/Actor.md", "test/main.test/west/Actor.md"]);
    expect(textOf(pages, "test/main.test/_customers/Actor.md")).toContain("`north`, `south`");
    expect(textOf(pages, "test/index.md").match(/^## /gm)).toHaveLength(2);
  });

  test("have a path and links of their own whatever tables are called", () => {
    const names = ["Order Details", "order details", "a/b", "..", "con", "50%", "x|y", "`tick`", "_mine", "#1?"];
    const pages = servicePages(pipelineModel(names.map((name) => sinkTable("Ædel", name))));
    const paths = pages.map(({ path }) => path.toLowerCase());
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path).toMatch(/^test\/(index|main\.test\/ædel\/[^/\\:*?"<>|.]+)\.(md|yaml)$/);
    const index = textOf(pages, "test/index.md");
    const links = [...index.matchAll(/\]\((\S+)\)/g)].map(([, href = ""]) => `test/${decodeURIComponent(href)}`);
    expect(links.sort()).toEqual(
      pages
        .map(({ path }) => path)
        .filter((path) => path.endsWith(".md") && path !== "test/index.md")
        .sort(),
    );
  });

  test("keep every cell in its row, and YAML readable, whatever names and descriptions hold", () => {
    const weird = ["a|b", "`", "``x``", "two\nlines", "<b>", "\\", "- x", "'\"", "{{SCHEMA}}", "*", " "];
    const columns = weird.map((name) => column(name, "text", { description: `${name} | <i>\n second` }));
    const table = sinkTable("s", "T", { columns, key: ["*"], description: "Line one\n\n<script>two</script>" });
    const pages = servicePages(pipelineModel([table]));
    const page = textOf(pages, "test/main.test/s/T.md");
    const rows = page.split("\n").filter((line) => line.startsWith("|") && line.includes("text"));
    expect(rows.length).toBeGreaterThanOrEqual(weird.length);
    for (const row of rows) expect(row.split("|")).toHaveLength(11);
    expect(page.replace(/(?<!`)(`+)(?!`).*?[^`]\1(?!`)/g, "")).not.toMatch(/<(b|i|script)>/);
    const yaml = load(textOf(pages, "test/main.test/s/T.yaml")) as { columns: { name: string }[] };
    expect(yaml.columns.slice(0, weird.length).map(({ name }) => name)).toEqual(weird);
  });

  test("say how values are filled in and what they lose", () => {
    const template = { nullable: true, origin: "template" as const, type: "text" };
    const columns = [
      column("Id", "bigint", { nullable: false }),
      column("At", "timestamp(6)", { sourceType: "datetime2(7)", lossy: "keeps 6 of 7 digits" }),
      { name: "_fixed", constant: "x|y", ...template },
      { name: "_null", constant: null, ...template },
      { name: "_default", default: "now()", ...template },
      { name: "_mapped", ...template },
      { name: "_each", constants: { north: "1", south: null }, ...template },
    ];
    const pages = servicePages(
      pipelineModel([sinkTable("shared", "T", { columns, transforms: ["column _mapped: f"] })]),
    );
    const cells = textOf(pages, "test/main.test/shared/T.md")
      .split("\n")
      .filter((line) => /^\| `(At|_)/.test(line))
      .map((line) => line.split(" | "));
    expect(cells.slice(0, 6).map((row) => [row[0], row[6], row[7]])).toEqual([
      ["| `At`", "yes: keeps 6 of 7 digits", ""],
      ["| `_fixed`", "", "<code>x&#124;y</code>"],
      ["| `_null`", "", "NULL"],
      ["| `_default`", "", "default `now()`"],
      ["| `_mapped`", "", "a transform"],
      ["| `_each`", "", "by customer, see below"],
    ]);
  });
});
