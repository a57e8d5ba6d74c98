import { mayDiffer } from "./default-volatility";

test.each([
  "0",
  "'random()'",
  "'it''s random()'",
  "now()",
  "pg_catalog.now()",
  "CURRENT_TIMESTAMP(3)",
  "('2000-01-01'::timestamp(3))",
  "1::numeric(8,2)",
  "coalesce(NULL, 'x')",
  "-(1 + 2)",
  "ARRAY[]::text[]",
])("%s is one value for all rows", (text) => {
  expect(mayDiffer(text)).toBe(false);
});

test.each([
  "random()",
  "gen_random_uuid()",
  "nextval('s')",
  "Clock_Timestamp ()",
  '"random"()',
  "my.own(1)",
  "upper(own())",
  "1 + (random())",
  "å()",
])("%s may be another for each row", (text) => {
  expect(mayDiffer(text)).toBe(true);
});
