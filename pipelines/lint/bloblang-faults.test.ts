import { bloblangFaults } from "./bloblang-faults";

const FINE = `# a "comment ( that says nothing
map name { root = this.first }
let row = this
root.full = (this.First + " " + $row.Last.or("")).trim().uppercase()
root.tags = this.Tags.split(",").map_each(tag -> tag.trim()).filter(this != "")
root.when = if this."Changed at" == null { deleted() } else { now().ts_format("2006", "UTC") }
meta topic = metadata("kafka_topic") | "none"
root.text = """a " and a ( that are text"""`;

describe("Bloblang by our own rules", () => {
  test("is fine when it is", () => {
    expect(bloblangFaults(FINE, ["First", "Last", "Tags", "Changed at", "first"])).toEqual([]);
  });

  test.each([
    ['root = "open', { line: 1, text: "a string does not end" }],
    ["root = (this.a\n", { line: 1, text: "( is not closed" }],
    ["root = this.a)\n", { line: 1, text: ") closes nothing" }],
    ["root = {\n]", { line: 2, text: "] closes nothing" }],
    ["root = nwo()", { line: 1, text: "there is no function nwo, did you mean now?" }],
    ["let a = 1\nroot = this.a.uppercas()", { line: 2, text: "there is no method uppercas, did you mean uppercase?" }],
    ["root = this.Nam", { line: 1, text: "the table has no column Nam, did you mean Name?" }],
    ['root = this."No such"', { line: 1, text: "the table has no column No such" }],
  ])("%s", (text, fault) => {
    expect(bloblangFaults(text, ["Name", "a"])).toEqual([fault]);
  });
});
