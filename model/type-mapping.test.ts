import fc from "fast-check";
import { mapType, NO_MAPPING } from "./type-mapping";

describe("type mapping", () => {
  test.each([
    ["nvarchar(50)", "varchar(50)"],
    ["varchar(8000)", "varchar(8000)"],
    ["nvarchar(max)", "text"],
    ["varchar(max)", "text"],
    ["varbinary(max)", "bytea"],
    ["decimal(8,2)", "numeric(8,2)"],
    ["decimal", "numeric"],
    ["money", "numeric(19,4)"],
    ["smallmoney", "numeric(10,4)"],
    ["nchar(3)", "char(3)"],
    ["datetime", "timestamp(3)"],
    ["smalldatetime", "timestamp(0)"],
    ["datetime2(3)", "timestamp(3)"],
    ["tinyint", "smallint"],
    ["int", "integer"],
    ["bit", "boolean"],
    ["float", "double precision"],
    ["float(24)", "real"],
    ["uniqueidentifier", "uuid"],
    ["rowversion", "bytea"],
    ["timestamp", "bytea"],
    ["binary(16)", "bytea"],
    ["image", "bytea"],
    ["sysname", "varchar(128)"],
    ["xml([a].[b])", "xml"],
    ["hierarchyid", "bytea"],
    ["geography", "bytea"],
    ["sql_variant", "text"],
  ])("%s is stored as %s", (source, sink) => {
    expect(mapType(source).type).toBe(sink);
  });

  test.each([
    ["datetime2(7)", "timestamp(6)", "6 of 7"],
    ["datetime2", "timestamp(6)", "6 of 7"],
    ["time(7)", "time(6)", "6 of 7"],
    ["datetimeoffset(7)", "timestamptz(6)", "offset"],
    ["datetimeoffset(3)", "timestamptz(3)", "offset"],
    ["sql_variant", "text", "base type"],
  ])("%s to %s declares what it loses", (source, sink, loss) => {
    const mapped = mapType(source);
    expect(mapped).toMatchObject({ type: sink, lossy: expect.stringContaining(loss) as string });
  });

  test.each(["nvarchar(50)", "decimal(8,2)", "datetime2(6)", "datetime", "money", "xml"])(
    "%s loses nothing",
    (source) => {
      expect(mapType(source)).not.toHaveProperty("lossy");
    },
  );

  test.each(["nvarchar(max)", "text", "ntext", "image", "xml", "varbinary(max)", "geography"])(
    "%s is a large object",
    (source) => {
      expect(mapType(source).lob).toBe(true);
    },
  );

  test("composite types in YAML keep their numbers, and a plain char holds more than one character", () => {
    expect(["char(10)", "decimal(10,2)", "nvarchar(50)", "char"].map((type) => mapType(type).type)).toEqual([
      "char(10)",
      "numeric(10,2)",
      "varchar(50)",
      "varchar",
    ]);
  });

  test("a type nobody knows becomes the fallback, with a warning that names it", () => {
    expect(mapType("dbo.Odd")).toMatchObject({
      type: "text",
      note: { severity: "warning", text: expect.stringContaining("dbo.Odd") as string },
    });
    expect(mapType("decimal(99,1)")).toMatchObject({ type: "text", note: { severity: "warning" } });
    expect(mapType("dbo.Odd", { ...NO_MAPPING, fallback: "varchar(200)" }).type).toBe("varchar(200)");
  });

  test("an alias type is its base type", () => {
    const mapping = { ...NO_MAPPING, aliases: { phonenumber: "nvarchar(25)" } };
    expect(mapType("[dbo].[PhoneNumber]", mapping).type).toBe("varchar(25)");
  });

  test("a user's rule keeps the source's numbers unless it gives its own", () => {
    const rules = {
      nvarchar: "character varying",
      decimal: "numeric",
      nchar: "varchar",
      "decimal(18,6)": "double precision",
      int: "bigint",
    };
    const mapping = { ...NO_MAPPING, rules };
    expect(mapType("nvarchar(50)", mapping).type).toBe("varchar(50)");
    expect(mapType("nvarchar(max)", mapping)).toMatchObject({ type: "varchar", lob: true });
    expect(mapType("decimal(8,2)", mapping).type).toBe("numeric(8,2)");
    expect(mapType("nchar(3)", mapping).type).toBe("varchar(3)");
    expect(mapType("decimal(18,6)", mapping)).toMatchObject({
      type: "double precision",
      lossy: expect.any(String) as string,
    });
    expect(mapType("int", mapping).type).toBe("bigint");
  });

  test("source-type override has its effect on the type, for one column alone", () => {
    expect(mapType("int", NO_MAPPING, { side: "source", type: "smallint" }).type).toBe("smallint");
    expect(mapType("varchar", NO_MAPPING, { side: "source", type: "nvarchar(30)" }).type).toBe("varchar(30)");
    expect(mapType("nvarchar(max)", NO_MAPPING, { side: "sink", type: "jsonb" })).toEqual({ type: "jsonb", lob: true });
  });

  test("length, precision and scale are kept for every composite type", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 1, max: 38 }),
        fc.nat(),
        (length, precision, any) => {
          const scale = any % (precision + 1);
          expect(mapType(`NVarChar(${String(length)})`).type).toBe(`varchar(${String(length)})`);
          expect(mapType(`char(${String(length)})`).type).toBe(`char(${String(length)})`);
          const digits = `(${String(precision)},${String(scale)})`;
          expect(mapType(`decimal${digits}`).type).toBe(`numeric${digits}`);
          expect(mapType(`datetime2(${String(scale % 7)})`).type).toBe(`timestamp(${String(scale % 7)})`);
        },
      ),
    );
  });
});
