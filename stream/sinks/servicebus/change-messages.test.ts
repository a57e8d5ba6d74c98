import fc from "fast-check";
import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import { Rejection } from "../../rejection";
import { readChange } from "./change";
import { messagesOf } from "./change-messages";
import { Routes, type TableKey } from "./routes";

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Metadata = Readonly<Record<string, unknown>>;

const position = (place: number, operation = "04") => `${place.toString(16).padStart(48, "0")}${operation}`;
const ORDER: Metadata = {
  TableName: "Orders",
  Schema: "dbo",
  Database: "Shop",
  OperationType: "Update",
  LSN: "0000004c000028200003",
  Position: position(7),
  CommitTime: "2026-01-01T00:00:00.123Z",
};

const routes = (...tables: readonly TableKey[]) => new Routes({}, tables);

function messages(
  metadata: Metadata,
  data: Metadata = { Id: 42 },
  by: Routes = routes({ name: "Orders", key: ["Id"] }),
): readonly OutgoingMessage[] | string {
  const change = readChange(Buffer.from(JSON.stringify({ data, metadata })));
  const route = change instanceof Rejection ? change : by.of(change.table);
  if (change instanceof Rejection || route instanceof Rejection) return (route as Rejection).reason;
  const made = messagesOf(change, route);
  return made instanceof Rejection ? made.reason : made;
}

const one = (...args: Parameters<typeof messages>) => messages(...args)[0] as OutgoingMessage;
const session = (...args: Parameters<typeof messages>) => one(...args).sessionId;
const id = (...args: Parameters<typeof messages>) => one(...args).messageId;

describe("the message of a change", () => {
  test("has the envelope as it came, and what filters need as properties", () => {
    const line = Buffer.from(
      ` {"data": {"Id": 42}, "metadata": ${JSON.stringify({ ...ORDER, Tenant: "acme", Version: 3 })}}`,
    );
    const change = readChange(line);
    const route = routes({ name: "dbo.Orders", key: ["Id"] }).of({
      table: "Orders",
      schema: "dbo",
      database: "Shop",
      tenant: "acme",
    });
    if (change instanceof Rejection || route instanceof Rejection) throw new Error("refused");
    expect(route.queue).toBe("Orders_cdc_events");
    const [message] = messagesOf(change, route) as readonly OutgoingMessage[];
    expect(message).toMatchObject({
      body: line,
      messageId: `Shop:acme/dbo.Orders/${position(7)}/42`,
      sessionId: "acme|42",
      subject: "dbo.Orders",
      properties: ["lsn", ORDER["LSN"], "position", position(7), "commitTime", ORDER["CommitTime"]],
    });
    expect(message?.common.values).toEqual({
      operation: "Update",
      table: "Orders",
      schema: "dbo",
      database: "Shop",
      tenant: "acme",
      version: 3,
    });
  });

  test.each([
    ["no JSON", "{", "the line is no JSON object"],
    ["no object", "[]", "the line is no JSON object"],
    ["no metadata", "{}", '"metadata" is missing or not an object'],
    ["no table", '{"metadata":{"OperationType":"Insert"}}', 'metadata "TableName" is missing or not a text'],
    ["no operation", '{"metadata":{"TableName":"T"}}', 'metadata "OperationType" is missing or not a text'],
  ])("%s is refused with the reason", (_title, line, reason) => {
    expect(readChange(Buffer.from(line))).toEqual(new Rejection(reason));
  });

  test("a key that the row doesn't have is refused", () => {
    expect(messages(ORDER, { Name: "x" })).toBe('the row lacks "Id" of its key');
    expect(messages(ORDER, { Id: 1 }, routes({ name: "Orders", key: ["Id", "Line"] }))).toBe(
      'the row lacks "Line" of its key',
    );
  });
});

describe("the session", () => {
  const composite = routes({ name: "Orders", key: ["Id", "Line"] });
  test.each([
    ["the key's value", session(ORDER), "42"],
    ["values in the order of the key", session(ORDER, { Line: 2, Id: "A" }, composite), "A|2"],
    ["separators apart", session(ORDER, { Line: "|", Id: "\\" }, composite), "\\\\|\\|"],
    ["NULL apart from any text", session(ORDER, { Line: null, Id: "\\N" }, composite), "\\\\N|\\N"],
    ["the key of the row before a delete", session({ ...ORDER, OperationType: "Delete", Before: { Id: 8 } }, {}), "8"],
    ["the key that the envelope names", session({ ...ORDER, Key: ["Nr"] }, { Nr: 5 }, routes()), "5"],
    ["the table without a known key", session(ORDER, {}, routes()), "dbo.Orders"],
    ["each customer's own", session({ ...ORDER, Tenant: "acme" }), "acme|42"],
  ])("tells %s", (_title, found, expected) => {
    expect(found).toBe(expected);
  });

  test("a long or empty key is hashed, and different ones stay different", () => {
    const long = (end: string) => session(ORDER, { Id: `${"x".repeat(200)}${end}` });
    expect(long("a")).toMatch(/^sha256\/[\w-]{43}$/);
    expect(long("a")).not.toBe(long("b"));
    expect(session(ORDER, { Id: "" })).toMatch(/^sha256\//);
    expect(session(ORDER, { Id: "y".repeat(128) })).toBe("y".repeat(128));
  });
});

describe("the id", () => {
  test("is the same whoever sends the change, and in whichever batch", () => {
    expect(id(ORDER)).toBe(id(ORDER));
    const shared = routes({ name: "Orders", key: ["Id"] });
    const events = [1, 2, 3].map((place) => ({ ...ORDER, Position: position(place) }));
    const all = events.map((metadata) => id(metadata, { Id: 1 }, shared));
    expect(events.slice(1).map((metadata) => id(metadata))).not.toEqual(all.slice(1));
    expect(events.slice(1).map((metadata) => id(metadata, { Id: 1 }))).toEqual(all.slice(1));
  });

  test("differs for any two changes, as far as the source tells them apart", () => {
    const table = fc.record({
      TableName: fc.constantFrom("T", "U".repeat(100)),
      Schema: fc.constantFrom("dbo", "sales", "s".repeat(100)),
      Database: fc.option(fc.constantFrom("A", "B"), { nil: undefined }),
      Tenant: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
    });
    const place = fc.oneof(
      fc.record({ Position: fc.nat(5).map((at) => position(at)) }),
      fc.record({ LSN: fc.constantFrom("01", "02"), SeqVal: fc.constantFrom("03", "04"), CommandId: fc.nat(2) }),
    );
    const change = fc.record({
      table,
      place,
      OperationType: fc.constantFrom("Insert", "Update", "Delete"),
      Id: fc.oneof(fc.nat(3), fc.constantFrom("k".repeat(150), "k".repeat(151))),
    });
    // A position says the operation, too.
    const identity = ({ table: of, place: at, OperationType, Id }: Of<typeof change>) =>
      JSON.stringify([of, at, "Position" in at ? "" : OperationType, String(Id)]);
    fc.assert(
      fc.property(fc.uniqueArray(change, { selector: identity, minLength: 2, maxLength: 20 }), (changes) => {
        const ids = changes.map(({ table: of, place: at, OperationType, Id }) =>
          id({ ...of, ...at, OperationType, Key: ["Id"] }, { Id }, new Routes({ template: "{Schema}_{TableName}" })),
        );
        expect(new Set(ids).size).toBe(changes.length);
        expect(ids.every((text) => text.length <= 128)).toBe(true);
      }),
    );
  });

  test("rows of a snapshot, which share a position, are told apart by key and content", () => {
    const read = { ...ORDER, OperationType: "Read", Position: position(7, "00") };
    expect(id(read, { Id: 1 })).not.toBe(id(read, { Id: 2 }));
    expect(id(read, { Id: 1, N: 1 }, routes())).not.toBe(id(read, { Id: 1, N: 2 }, routes()));
    expect(id(read, { Id: 1, N: 1 }, routes())).toBe(id(read, { Id: 1, N: 1 }, routes()));
  });

  test("a row of a copy has one id in it, wherever it is read, and another one in the next copy", () => {
    const read = { ...ORDER, OperationType: "Read", SnapshotId: "5eed" };
    const again = { ...read, Position: position(9, "ff") };
    expect(id(again, { Id: 42, Total: 2 })).toBe(id(read, { Id: 42, Total: 1 }));
    expect(id(read)).toBe("Shop/dbo.Orders/copy 5eed/42");
    expect(id({ ...read, SnapshotId: "0ther" })).not.toBe(id(read));
    expect(id(read, { Id: 43 })).not.toBe(id(read));
    const noKey = routes({ name: "Orders" });
    expect(id(read, { Id: 42 }, noKey)).not.toBe(id(read, { Id: 43 }, noKey));
  });

  test("changes of a source that tells the LSN alone are told apart by their place in it and their content", () => {
    const { Position, ...plain } = ORDER;
    const ids = (values: readonly number[], by = routes({ name: "Orders", key: ["Id"] })) =>
      values.map((N) => id(plain, { Id: 1, N }, by));
    expect(new Set(ids([1, 2, 1, 2])).size).toBe(4);
    expect(ids([1, 2, 1, 2])).toEqual(ids([1, 2, 1, 2]));
    // Read again from the middle: at worst they are there twice, never lost.
    expect(ids([2, 1, 2])[0]).not.toBe(ids([1, 2, 1, 2])[0]);
  });

  test("changes of a source that tells no place at all are all there", () => {
    const plain = { TableName: "Orders", OperationType: "Insert" };
    const by = routes();
    expect(id(plain, { N: 1 }, by)).not.toBe(id(plain, { N: 1 }, by));
  });
});

describe("a row that gets another key", () => {
  const moved = { ...ORDER, Before: { Id: 41, Name: "old" } };

  test("is deleted in the session of the old one first", () => {
    const [gone, come] = messages(moved) as readonly OutgoingMessage[];
    expect([gone?.sessionId, come?.sessionId]).toEqual(["41", "42"]);
    expect(gone?.common.values["operation"]).toBe("Delete");
    expect(JSON.parse(String(gone?.body))).toEqual({
      data: { Id: 41, Name: "old" },
      metadata: { ...moved, OperationType: "Delete", Position: position(7, "03") },
    });
    expect(gone?.messageId).not.toBe(come?.messageId);
  });

  test("is no such row when the key is the same, or the old one isn't known", () => {
    expect(messages({ ...ORDER, Before: { Id: "42" } })).toHaveLength(1);
    expect(messages({ ...ORDER, Before: { Name: "old" } })).toHaveLength(1);
    expect(messages({ ...moved, OperationType: "Insert" })).toHaveLength(1);
  });
});
