import type { TableShape } from "../../model/table-shape";
import type { SourceTopology } from "../../model/topology";
import { shapesOfSource } from "./shapes-of-source";

const source: SourceTopology = {
  connection: "source:dev:hospital",
  database: "Clinic",
  tenants: ["avansas"],
  tables: [{ schema: "dbo", table: "Actor", snapshot: "initial", ownInstances: [] }],
};
const shape: TableShape = {
  version: 1,
  schema: "avansas",
  table: "Actor",
  staging: "s",
  procedure: "p",
  source: { schema: "dbo", table: "Actor" },
  key: ["id"],
  columns: [{ name: "id", type: "integer", nullable: false, source: "id" }],
  onDelete: "soft",
  transforms: [],
};
const inClinic = { ...shape, source: { ...shape.source, database: "Clinic" } };

test("a table goes with the source that has its table, its database and its customer", () => {
  const others = [
    { ...shape, source: { schema: "hr", table: "Actor" } },
    { ...shape, source: { ...shape.source, database: "Other" } },
    { ...shape, tenant: "elsewhere" },
  ];
  expect(shapesOfSource([shape, ...others], source)).toEqual([inClinic]);
  expect(shapesOfSource([{ ...inClinic, tenant: "avansas" }], source)).toEqual([{ ...inClinic, tenant: "avansas" }]);
});

const customer = { name: "customer_id", type: "text", nullable: false, constants: { avansas: "A", b: "B" } };
const shared: TableShape = { ...shape, tenants: { avansas: null, b: "Other" }, columns: [...shape.columns, customer] };

test("in a table that customers share, the constants are those of the customer who lives in the database", () => {
  const { constants: _constants, ...column } = customer;
  const columns = [...shape.columns, { ...column, constant: "A" }];
  expect(shapesOfSource([shared], source)).toEqual([{ ...inClinic, tenant: "avansas", columns }]);
  expect(shapesOfSource([shared], { ...source, tenants: ["b"] })).toEqual([]);
});

test("customers that a shared table tells apart can't share a database", () => {
  const crowded = { ...source, database: "Other", tenants: ["avansas", "b"] };
  expect(() => shapesOfSource([shared], crowded)).toThrow(
    "table avansas.Actor tells its customers apart, but avansas and b share the database Other",
  );
});
