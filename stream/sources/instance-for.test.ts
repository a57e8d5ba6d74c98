import type { Lsn } from "../../model/lsn";
import { sourceShape } from "../../test/harness/source-shape";
import type { CaptureInstance, CapturedColumn } from "./capture-instance";
import { gapOf } from "./gap";
import { instanceFor } from "./instance-for";

const lsn = (place: number): Lsn => place.toString(16).padStart(20, "0") as Lsn;
const shape = sourceShape("t", { id: "integer", name: "text" });

function column(name: string, ordinal: number): CapturedColumn {
  return { name, sourceName: name, ordinal, type: "int" };
}

/** Instance of table dbo.t that begins at a place of the log. */
function instance(name: string, start: number, columns = ["id", "name"], uncaptured: string[] = []): CaptureInstance {
  return {
    name,
    schema: "dbo",
    table: "t",
    startLsn: lsn(start),
    columns: columns.map((one, index) => column(one, index + 1)),
    uncaptured: uncaptured.map((one) => ({ name: one, isComputed: false })),
  };
}

const other = { ...instance("other", 1), table: "u" };

describe("gaps", () => {
  test.each([
    [10, 9, false],
    [10, 10, false],
    [10, 500, false],
    [11, 9, true],
    [0x1_0000, 0xffff, false],
  ])("an instance that begins at %d, read up to %d: %s", (start, position, isGap) => {
    expect(gapOf(instance("a", start), lsn(position)) !== undefined).toBe(isGap);
  });

  test("the error names table, instance and both places", () => {
    expect(gapOf(instance("a", 20), lsn(9))).toMatchObject({
      code: "CDC_SOURCE_GAP",
      message: `changes of dbo.t were lost: it was read up to LSN 0x${lsn(9)}, and capture instance a begins at 0x${lsn(20)}`,
      hint: expect.stringContaining("snapshot: when_needed") as string,
    });
  });
});

describe("which instance a table is read through", () => {
  test("the only one, wherever it begins, when the table was not read yet", () => {
    const only = instance("a", 50);
    expect(instanceFor(shape, [other, only], lsn(9))).toEqual({ use: only });
  });

  test("the only one, when it goes back to the position", () => {
    const only = instance("a", 10);
    expect(instanceFor(shape, [only], lsn(9), { instance: "a" })).toEqual({ use: only });
  });

  test("none when cleanup has passed the position of a table that is being read", () => {
    const problem = instanceFor(shape, [instance("a", 11)], lsn(9), { instance: "a" });
    expect(problem).toMatchObject({ code: "CDC_SOURCE_GAP", message: expect.stringContaining("instance a") as string });
  });

  test("none when capture was turned off and on again meanwhile", () => {
    expect(instanceFor(shape, [instance("b", 50)], lsn(9), { instance: "a" })).toMatchObject({
      code: "CDC_SOURCE_GAP",
    });
  });

  test("the old one up to where the second begins, then the second", () => {
    const [old, second] = [instance("a", 5), instance("b", 50)];
    expect(instanceFor(shape, [old, second], lsn(9), { instance: "a" })).toEqual({ use: old, next: second });
    expect(instanceFor(shape, [old, second], lsn(48), { instance: "a" })).toEqual({ use: old, next: second });
    expect(instanceFor(shape, [old, second], lsn(49), { instance: "a" })).toEqual({ use: second });
    // A gap of the old one alone does no harm once the second has everything.
    expect(instanceFor(shape, [instance("a", 60), second], lsn(49), { instance: "a" })).toEqual({ use: second });
  });

  test("the older one for good when the second captures less", () => {
    const [old, second] = [instance("a", 5), instance("b", 6, ["id"], ["name"])];
    expect(instanceFor(shape, [old, second], lsn(9), { instance: "a" })).toEqual({ use: old });
  });

  test("the old one is read without the new column until the second begins", () => {
    const [old, second] = [instance("a", 5, ["id"], ["name"]), instance("b", 50)];
    expect(instanceFor(shape, [old, second], lsn(9), { instance: "a" })).toEqual({ use: old, next: second });
  });

  test("none when no instance captures a column, or the table at all", () => {
    expect(instanceFor(shape, [instance("a", 5, ["id"], ["name"])], lsn(9))).toMatchObject({
      code: "CDC_SOURCE_NO_INSTANCE",
      message: "no capture instance of dbo.t in database  captures name",
      hint: expect.stringContaining("cdc up") as string,
    });
    expect(instanceFor(shape, [other], lsn(9), { instance: "a" })).toMatchObject({ code: "CDC_SOURCE_NO_INSTANCE" });
  });

  test("the one that it was read through, when the table was renamed", () => {
    const renamed = { ...instance("a", 5), table: "t_new" };
    expect(instanceFor(shape, [other, renamed], lsn(9), { instance: "a" })).toEqual({ use: renamed });
  });
});
