import type { SinkTable } from "../../model/sink";
import { expectGolden } from "../../test/harness/golden";
import { column, sinkTable } from "../../test/harness/sink-model";
import { cdcManagementProps, planCdcManagement } from "./cdc-management";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "./from-model";
import { planMergeProcedure } from "./merge-procedure";
import { planSinkTable } from "./sink-table";
import { planStagingTable } from "./staging-table";

const SETTINGS = { connection: "sink:dev:main.directory", database: "directory", applicationRole: "cdc_app" };
const id = column("id", "integer", { nullable: false });

const SHAPES: readonly (readonly [string, SinkTable])[] = [
  ["one-key", sinkTable("cust01", "Actor", { tenant: "cust01" })],
  [
    "several-keys",
    sinkTable("cust01", "Booking", {
      columns: [
        column("Booked", "timestamptz(6)", { nullable: false }),
        column("Room", "varchar(300)", { nullable: false }),
        column("Guest", "varchar(50)", { nullable: false }),
      ],
      key: ["Room", "Booked"],
    }),
  ],
  [
    "quoted-mixed-case",
    sinkTable("cust 01", 'Order "Lines"', {
      columns: [column("Order's Id", "bigint", { nullable: false })],
      key: ["Order's Id"],
    }),
  ],
  [
    "lob-and-templates",
    sinkTable("cust01", "Note", {
      columns: [
        id,
        column("Body", "text", { source: "BodyText" }),
        {
          name: "_customer_id",
          type: "uuid",
          nullable: false,
          origin: "template",
          constant: "6f1c9d1e-0000-4000-8000-000000000001",
        },
        { name: "_loaded", type: "timestamptz", nullable: false, origin: "template", default: "now()" },
      ],
      key: ["id"],
      stagingLogged: true,
    }),
  ],
  [
    "soft-delete",
    sinkTable("cust01", "Person", {
      columns: [id, column("Name", "varchar(50)", { nullable: false })],
      key: ["id"],
      onDelete: "soft",
    }),
  ],
];

describe("the statements of a table", () => {
  test.each(SHAPES)("of the shape %s are these", (name, table) => {
    const plans = [
      planSinkTable(undefined, sinkTableProps(table, SETTINGS)),
      planStagingTable(undefined, stagingTableProps(table, SETTINGS)),
      planMergeProcedure(undefined, mergeProcedureProps(table, SETTINGS)),
    ];
    expectGolden(`${name}.sql`, `${plans.flatMap(({ statements }) => statements).join(";\n\n")};`);
  });

  test("of the management schema are these", () => {
    const { statements } = planCdcManagement(undefined, cdcManagementProps(SETTINGS, SETTINGS));
    expectGolden("cdc-management.sql", `${statements.join(";\n\n")};`);
  });

  test("do not depend on the order in which an engine hands properties over", () => {
    const props = mergeProcedureProps(SHAPES[3]?.[1] ?? sinkTable("s", "t"), SETTINGS);
    const sorted = { ...props, columns: Object.fromEntries(Object.entries(props.columns).sort().reverse()) };
    expect(planMergeProcedure(undefined, sorted).statements).toEqual(planMergeProcedure(undefined, props).statements);
  });
});
