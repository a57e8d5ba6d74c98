import { parseConnectionString, sslOf } from "./connection-string";

const WHOLE = { host: "db.example", port: "5444", database: "erp", user: "me", password: "s e;c" };

describe("connection strings of PostgreSQL", () => {
  test.each([
    ["URL", "postgresql://me:s%20e%3Bc@db.example:5444/erp"],
    ["libpq", "host=db.example port=5444 dbname=erp user=me password='s e;c'"],
    [".NET", "Host=db.example;Port=5444;Database=erp;Username=me;Password='s e;c'"],
  ])("%s", (_title, text) => {
    expect(parseConnectionString(text)).toEqual(WHOLE);
  });

  test("what is left out is absent; the words of sslmode", () => {
    expect(parseConnectionString("postgres://h/d?sslmode=verify-full")).toEqual({
      host: "h",
      database: "d",
      ssl: "verify-full",
    });
    expect(["disable", "prefer", "require", "verify-ca", undefined].map(sslOf)).toEqual([
      undefined,
      undefined,
      "require",
      "verify",
      undefined,
    ]);
  });

  test.each(["host", "postgres://h:x/d", "host=h password='secret"])("%s is refused, without its text", (text) => {
    expect(() => parseConnectionString(text)).toThrow("the connection string of PostgreSQL can't be read");
  });
});
