import { pgConfigOf } from "./postgres/connection-settings";
import { msSqlConfigOf } from "./sqlserver/connection-settings";

describe.each([
  ["PostgreSQL", "CDC_PG_NOT_CONFIGURED", pgConfigOf, 5432, "postgresql://me:secret@db/erp"],
  ["SQL Server", "CDC_MSSQL_NOT_CONFIGURED", msSqlConfigOf, 1433, "mssql://me:secret@db/erp"],
] as const)("the place of a database of %s", (title, code, configOf, defaultPort, text) => {
  const single = { host: "db", database: "erp", user: "me" };

  test("is the string's, and a single setting is stronger", () => {
    const place = { host: "db", port: defaultPort, database: "erp", user: "me", password: "secret" };
    expect(configOf({ connection_string: text })).toMatchObject(place);
    expect(configOf({ connection_string: text, port: "99", user: "you" })).toMatchObject({
      ...place,
      port: 99,
      user: "you",
    });
    expect(configOf(single)).not.toHaveProperty("password");
  });

  test.each(["host", "database", "user"] as const)("%s must be set", (name) => {
    const { [name]: _, ...rest } = single;
    for (const settings of [rest, { ...single, [name]: "" }]) {
      const fault = { code, message: `no ${name} is set for ${title}`, hint: expect.stringContaining(name) as string };
      expect(() => configOf(settings)).toThrow(expect.objectContaining(fault));
    }
  });

  test.each([0, -1, 65_536, 1.5, "x"])("port can't be %s", (port) => {
    const fault = { code, message: `port of ${title} can't be ${String(port)}` };
    expect(() => configOf({ ...single, port })).toThrow(expect.objectContaining(fault));
  });
});
