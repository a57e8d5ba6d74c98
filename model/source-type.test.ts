import fc from "fast-check";
import { formatSourceType, parseSourceType } from "./source-type";

describe("SQL Server types", () => {
  test.each([
    ["int", { name: "int" }],
    ["NVARCHAR(50)", { name: "nvarchar", length: 50 }],
    ["varchar ( max )", { name: "varchar", length: "max" }],
    ["decimal(8, 2)", { name: "decimal", precision: 8, scale: 2 }],
    ["numeric(10)", { name: "decimal", precision: 10, scale: 0 }],
    ["decimal", { name: "decimal" }],
    ["datetime2(7)", { name: "datetime2", scale: 7 }],
    ["time", { name: "time" }],
    ["float(24)", { name: "real" }],
    ["float(53)", { name: "float" }],
    ["double precision", { name: "float" }],
    ["character varying(20)", { name: "varchar", length: 20 }],
    ["national character(3)", { name: "nchar", length: 3 }],
    ["timestamp", { name: "rowversion" }],
    ["[sys].[hierarchyid]", { name: "hierarchyid" }],
    ["xml([hr].[ResumeSchema])", { name: "xml" }],
    ["XML(CONTENT hr.ResumeSchema)", { name: "xml" }],
    ["int identity", { name: "int" }],
    ["int IDENTITY(1,1)", { name: "int" }],
    ["[dbo].[PhoneNumber]", { name: "dbo.phonenumber" }],
    ["sysname", { name: "sysname" }],
  ])("reads %s", (text, type) => {
    expect(parseSourceType(text)).toEqual(type);
  });

  test.each([
    "",
    "   ",
    "varchar(0)",
    "nvarchar(4001)",
    "varchar(8001)",
    "decimal(39,0)",
    "decimal(5,6)",
    "time(8)",
    "int(4)",
  ])("refuses '%s'", (text) => {
    expect(parseSourceType(text)).toBeUndefined();
  });

  test.each(["char(max)", "float(60)", "varchar(50", "decimal(1,2,3)", "x); drop table y; --"])(
    "refuses '%s' as well",
    (text) => {
      expect(parseSourceType(text)).toBeUndefined();
    },
  );

  test("what it formats it reads back", () => {
    const length = fc.integer({ min: 1, max: 4000 });
    const type = fc.oneof(
      fc.record({ name: fc.constantFrom("char", "nchar", "varchar", "nvarchar", "varbinary"), length }),
      fc.integer({ min: 1, max: 38 }).chain((precision) =>
        fc.record({
          name: fc.constant("decimal"),
          precision: fc.constant(precision),
          scale: fc.integer({ min: 0, max: precision }),
        }),
      ),
      fc.record({
        name: fc.constantFrom("time", "datetime2", "datetimeoffset"),
        scale: fc.integer({ min: 0, max: 7 }),
      }),
    );
    fc.assert(fc.property(type, (one) => void expect(parseSourceType(formatSourceType(one))).toEqual(one)));
  });
});
