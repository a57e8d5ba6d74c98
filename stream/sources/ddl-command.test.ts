import { changeOf, nullsAfter } from "./ddl-command";

const none = { added: [], dropped: [], altered: [] };

test.each([
  ["ALTER TABLE dbo.t ADD x int", { added: ["x"] }],
  [
    "alter table t add [Full Name] nvarchar(20) NULL, y decimal(8, 2) CONSTRAINT d DEFAULT (0), z int",
    { added: ["full name", "y", "z"] },
  ],
  ["ALTER TABLE t ADD x varchar(9) DEFAULT '--,', y int", { added: ["x", "y"] }],
  ["ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", {}],
  ['ALTER TABLE "x"."add" ADD "a""b" int', { added: ['a"b'] }],
  ["ALTER TABLE t DROP COLUMN a, b", { dropped: ["a", "b"] }],
  ["ALTER TABLE t DROP CONSTRAINT c, COLUMN IF EXISTS [a]]b]", { dropped: ["a]b"] }],
  ["ALTER TABLE t DROP COLUMN a, CONSTRAINT c", { dropped: ["a"] }],
  ["ALTER TABLE t -- ADD x\n ALTER COLUMN [a] /* was */ bigint NOT NULL", { altered: ["a"] }],
  ["ALTER TABLE [db].[dbo].[t] ALTER COLUMN Größe varchar(max)", { altered: ["größe"] }],
  ["ALTER TABLE t SWITCH TO u", {}],
  ["ALTER TABLE t WITH CHECK ADD x int CONSTRAINT c FOREIGN KEY REFERENCES u (drop_me)", { added: ["x"] }],
  ["CREATE INDEX i ON t (a)", {}],
  ["sp_rename 'dbo.t.a', 'b'", {}],
  ["", {}],
])("%s", (command, expected) => {
  expect(changeOf(command)).toEqual({ ...none, ...expected });
});

test.each([
  ["ALTER TABLE t ALTER COLUMN a int NULL", "allowed"],
  ["alter table t alter column [not] varchar(9) COLLATE Latin1_General_BIN not null", "refused"],
  ["ALTER TABLE t ALTER COLUMN a decimal(8, 2)", "unsaid"],
  ["ALTER TABLE t ALTER COLUMN a ADD MASKED WITH (FUNCTION = 'default()')", "kept"],
  ["ALTER TABLE t ADD b int NULL", "kept"],
])("%s: NULL is %s from then on", (command, expected) => {
  expect(nullsAfter(command)).toBe(expected);
});
