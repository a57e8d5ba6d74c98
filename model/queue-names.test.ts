import fc from "fast-check";
import type { CdcError } from "../lib/errors";
import { queueName, queueNameFault, templateFault, type QueuedTable } from "./queue-name";
import { QueueNames } from "./queue-names";

const table = (schema: string, name: string, more: Partial<QueuedTable> = {}): QueuedTable => ({
  schema,
  table: name,
  ...more,
});

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const { code, message, hint } = error as CdcError;
    return `${code}: ${message}. ${hint ?? ""}`;
  }
  return "nothing was refused";
}

describe("the name of a queue", () => {
  test.each([
    ["{TableName}_cdc_events", table("dbo", "Persons"), "Persons_cdc_events"],
    ["{Schema}_{TableName}_cdc_events", table("dbo", "Persons"), "dbo_Persons_cdc_events"],
    ["cdc/{Tenant}/{Database}/{TableName}", table("dbo", "T", { tenant: "acme", database: "Shop" }), "cdc/acme/Shop/T"],
    ["{TableName}_cdc_events", table("dbo", "Order Details"), "Order_Details_cdc_events"],
    ["{TableName}", table("dbo", "_Größe_"), "Gr_e"],
    ["{TableName}", table("dbo", "a/b"), "a_b"],
  ])("%s makes of %j the name %s", (template, of, name) => {
    expect(queueName(template, of)).toEqual({ name });
  });

  test.each([
    ["{Tenant}_{TableName}", table("dbo", "T"), "asks for {Tenant}, which isn't known"],
    ["{TableName}", table("dbo", "***"), "is empty"],
    ["{Schema}/{TableName}/{TableName}", table("s".repeat(128), "t".repeat(128)), "Service Bus keeps 260"],
  ])("%s makes nothing of %j", (template, of, fault) => {
    expect(queueName(template, of)).toEqual({ fault: expect.stringContaining(fault) });
  });

  test.each([
    ["{tablename}", "{TableName} is known"],
    ["{Foo}_x", "{TableName}, {Schema}, {Database} and {Tenant} are known"],
    ["{TableName", "a brace without its other half"],
  ])("the template %s is refused", (template, fault) => {
    expect(templateFault(template)).toContain(fault);
    expect(refusal(() => new QueueNames({ template }))).toContain(`CDC_QUEUE_NAME: ${templateFault(template)}`);
  });

  test("any name that is made is one that Service Bus takes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 128 }), fc.string({ maxLength: 128 }), (schema, name) => {
        const answer = queueName("{Schema}.{TableName}_q", { schema, table: name });
        return "fault" in answer || queueNameFault(answer.name) === undefined;
      }),
    );
  });
});

describe("queues of several tables", () => {
  test("a table keeps its queue", () => {
    const names = new QueueNames();
    expect(names.of(table("dbo", "T"))).toEqual({ name: "T_cdc_events" });
    expect(names.of(table("dbo", "T", { tenant: "acme", database: "Shop" }))).toEqual({ name: "T_cdc_events" });
    expect(names.of({ table: "T" })).toEqual({ name: "T_cdc_events" });
  });

  test.each([
    [
      "tables of two schemas",
      {},
      [table("dbo", "T"), table("sales", "T")],
      'tables dbo.T and sales.T would share the queue T_cdc_events. Set queue_template: "{Schema}_{TableName}_cdc_events". Or give one of them a name of its own under queues.',
    ],
    [
      "a schema that is told later",
      {},
      [{ table: "T" }, table("dbo", "T"), table("sales", "T")],
      "tables dbo.T and sales.T would share",
    ],
    [
      "names that differ in case, which Service Bus doesn't see",
      {},
      [table("dbo", "t"), table("dbo", "T")],
      "tables dbo.t and dbo.T would share",
    ],
    [
      "names that differ in what Service Bus doesn't allow",
      { template: "{Schema}_{TableName}" },
      [table("dbo", "a b"), table("dbo", "a_b")],
      "tables dbo.a b and dbo.a_b would share the queue dbo_a_b. Or give",
    ],
    [
      "tenants that the template should tell apart",
      { template: "{Tenant}_{TableName}" },
      [table("dbo", "T", { tenant: "a b" }), table("dbo", "T", { tenant: "a_b" })],
      "tables dbo.T of a b and dbo.T of a_b would share the queue a_b_T",
    ],
    [
      "a queue with another purpose",
      { reserved: ["T_cdc_events"] },
      [table("dbo", "T")],
      "the queue T_cdc_events of table dbo.T is used for something else",
    ],
  ])("%s: refused by name", (_title, naming, tables, expected) => {
    const names = new QueueNames(naming);
    expect(refusal(() => tables.map((one) => names.of(one)))).toContain(`CDC_QUEUE_SHARED: ${expected}`);
  });

  test("a queue of its own tells a table apart", () => {
    const names = new QueueNames({ named: { "sales.T": "sales-events", "[a.b]": "ab" } });
    expect(names.of(table("dbo", "T"))).toEqual({ name: "T_cdc_events" });
    expect(names.of(table("sales", "T"))).toEqual({ name: "sales-events" });
    expect(names.of(table("dbo", "a.b"))).toEqual({ name: "ab" });
    expect(refusal(() => new QueueNames({ named: { T: "no blanks" } }))).toContain("no blanks can't be the name");
  });
});
