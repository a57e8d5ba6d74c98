import { packPosition } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import { Rejection } from "../rejection";
import { encoderFor } from "./event-encoder";
import { tenantOf } from "./tenant-encoder";

const TENANTS = { north: "Clinic_north", south: "Clinic_south", twin: "Clinic_south", unknown: null };
const EVENT = { TableName: "User", OperationType: "Insert", LSN: "" } as const;

test.each([
  [{ Tenant: "north" }, "north"],
  [{ Tenant: "unknown", Database: "any" }, "unknown"],
  [{ Database: "Clinic_north" }, "north"],
])("%j is the customer %s", (whose, tenant) => {
  expect(tenantOf({ ...EVENT, ...whose }, TENANTS)).toBe(tenant);
});

test.each([
  [{}, "the event tells no Tenant or Database, and the table takes the rows of several customers"],
  [{ Tenant: "toString" }, "the table takes no rows of tenant 'toString'"],
  [
    { Database: "Clinic_south" },
    "database 'Clinic_south' belongs to the tenants south, twin: the event must tell its Tenant",
  ],
])("%j is no customer: %s", (whose, reason) => {
  expect(tenantOf({ ...EVENT, ...whose }, TENANTS)).toEqual(new Rejection(reason));
});

test("every customer's rows carry its own values", () => {
  const shape: TableShape = {
    version: 1,
    schema: "hub",
    table: "user",
    staging: "stg_user",
    procedure: "sp_merge_user",
    source: { schema: "dbo", table: "User" },
    tenants: { north: "Clinic_north", south: null },
    key: ["c", "id"],
    columns: [
      { name: "id", type: "integer", nullable: false, source: "id" },
      { name: "c", type: "text", nullable: false, constants: { north: "n\t1", south: null } },
    ],
    onDelete: "hard",
    transforms: [],
  };
  const position = packPosition({ lsn: "0".repeat(20), commandId: 0, seqval: "0".repeat(20), operation: 2 });
  const encoder = encoderFor(shape, "p");
  const rowOf = (Tenant: string) => encoder.encode({ data: { id: 1 }, metadata: { ...EVENT, Tenant } }, position);
  expect(encoder.columns.slice(0, 2)).toEqual(["id", "c"]);
  expect(rowOf("north")).toMatch(/^1\tn\\t1\tp\tClinic_north\t/);
  expect(rowOf("south")).toMatch(/^1\t\\N\tp\t\\N\t/);
});
