import type { ResourceSpec } from "../../model/resource-spec";
import { orderedResources } from "./ordered-resources";

const spec = (type: ResourceSpec["type"], name: string, ...dependsOn: string[]): ResourceSpec => {
  return { type, name, args: {}, ...(dependsOn.length === 0 ? {} : { dependsOn }) };
};
const queue = (name: string) => spec("EventQueue", name);
const capture = (name: string) => spec("SourceTableCdc", name, "SourceDatabaseCdc shop");

test("what the output needs comes after all that the input needs", () => {
  const input = [spec("SourceDatabaseCdc", "shop"), capture("Orders"), capture("Persons")];
  const output = [spec("SinkSchema", "dbo"), spec("SinkTable", "Orders", "SinkSchema dbo"), queue("a")];
  const ordered = orderedResources({ input: { resources: input }, output: { resources: output } });
  const captures = ["SourceTableCdc Orders", "SourceTableCdc Persons"];
  expect(ordered.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
    ["shop", undefined],
    ["Orders", ["SourceDatabaseCdc shop"]],
    ["Persons", ["SourceDatabaseCdc shop"]],
    ["dbo", captures],
    ["Orders", ["SinkSchema dbo"]],
    ["a", captures],
  ]);
});

test("thousands of tables don't make millions of dependencies", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `T${index}`);
  const input = [spec("SourceDatabaseCdc", "shop"), ...names.map(capture)];
  const ordered = orderedResources({ input: { resources: input }, output: { resources: names.map(queue) } });
  expect(ordered.at(-1)?.dependsOn).toEqual(["SourceDatabaseCdc shop"]);
});
