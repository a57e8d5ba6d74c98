import { column, pipelineModel, sinkTable } from "../../test/harness/sink-model";
import { entityDiagrams } from "./diagram";
import { documentedTables } from "./documented-table";

interface Attribute {
  readonly type: string;
  readonly name: string;
  readonly key: boolean;
}

/** Reads an entity diagram by the rules of its grammar; throws at the first line that they don't allow. */
function parse(text: string): Map<string, Attribute[]> {
  const [head, ...lines] = text.split("\n");
  if (head !== "erDiagram") throw new Error(`begins with ${String(head)}`);
  const entities = new Map<string, Attribute[]>();
  let open: Attribute[] | undefined;
  for (const line of lines) {
    if (open === undefined) {
      const name = /^ {2}"([^"%\r\n\v\b\\]+)" \{$/.exec(line)?.[1];
      if (name === undefined || /direction\s/i.test(name) || entities.has(name)) throw new Error(`entity: ${line}`);
      entities.set(name, (open = []));
    } else if (line === "  }") open = undefined;
    else open.push(attribute(line));
  }
  if (open !== undefined) throw new Error("the last entity is not closed");
  return entities;
}

const WORD = "[*A-Za-z_\\u00C0-\\uFFFF][A-Za-z0-9\\-_[\\]().,\\u00C0-\\uFFFF*]*";
const ATTRIBUTE = new RegExp(`^ {4}(${WORD}) (${WORD})( PK)?( "[^"]*")?$`);

function attribute(line: string): Attribute {
  const [, type = "", name = "", key] = ATTRIBUTE.exec(line) ?? [];
  // The grammar looks for its own words first.
  const stolen = [type, name].some((word) => word === "" || /^(PK|FK|UK)\b/i.test(word) || /[~\s]/.test(word));
  if (stolen) throw new Error(`attribute: ${line}`);
  return { type, name, key: key !== undefined };
}

function tables(...all: Parameters<typeof pipelineModel>[0]) {
  return documentedTables(pipelineModel(all));
}

describe("the entity diagram", () => {
  test("has the columns of the user, marks the key, and draws no relation", () => {
    const [text = ""] = entityDiagrams(tables(sinkTable("cust01", "Actor")));
    expect(parse(text)).toEqual(
      new Map([
        [
          "Actor",
          [
            { type: "bigint", name: "Id", key: true },
            { type: "varchar", name: "Name", key: false },
            { type: "numeric", name: "Amount", key: false },
          ],
        ],
      ]),
    );
    expect(text).toContain('numeric Amount "numeric(8,2)"');
    expect(text).not.toContain("--");
  });

  test("stays whole whatever tables and columns are called", () => {
    const names = [
      ..."\"\\%'`{}[]()|~#;:<>$*.,-?! \t\n\u0085\u00a0\u2028😀ø×9".split(/(?:)/u),
      ...["PK", "fk", "UKø", "pk-1", "FK no", "end", "direction TB", "erDiagram", "%% note", "a#quot;b", "1 to"],
    ];
    const columns = names.map((name, index) => column(name, index % 2 === 0 ? "double precision" : "numeric(8,2)"));
    const all = names.map((name) => sinkTable("cust01", name, { columns, key: [names[0] ?? ""] }));
    const entities = entityDiagrams(tables(...all)).flatMap((text) => [...parse(text)]);
    expect(new Set(entities.map(([name]) => name)).size).toBe(names.length);
    for (const [, attributes] of entities) {
      expect(new Set(attributes.map(({ name }) => name)).size).toBe(names.length);
    }
  });

  test("tells the real name of a column that it had to spell otherwise", () => {
    const [text = ""] = entityDiagrams(
      tables(sinkTable("cust01", "T", { columns: [column("Order no.", "integer")], key: ["Order no."] })),
    );
    expect(text).toContain('integer Order_no_ PK "Order no."');
  });

  test("is cut into several before viewers refuse it", () => {
    const columns = Array.from({ length: 40 }, (_, index) => column(`AColumnWithALongName${String(index)}`, "text"));
    const many = Array.from({ length: 120 }, (_, index) =>
      sinkTable("cust01", `Table${String(index)}`, { columns, key: ["AColumnWithALongName0"] }),
    );
    const texts = entityDiagrams(tables(...many));
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(text.length).toBeLessThan(50_000);
    expect(texts.flatMap((text) => [...parse(text).keys()])).toEqual(many.map(({ name }) => name));
  });
});
