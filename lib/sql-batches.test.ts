import { sqlBatches } from "./sql-batches";

test("GO alone on its line separates batches, in any case, and what is empty is left out", () => {
  const script = "USE a\nGO\nSELECT 'GO'\n  go ;\r\n\nGO\nSELECT 1 -- GO\n";
  expect(sqlBatches(script).map((batch) => batch.trim())).toEqual(["USE a", "SELECT 'GO'", "SELECT 1 -- GO"]);
});
