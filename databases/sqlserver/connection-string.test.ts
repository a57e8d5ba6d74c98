import { parseConnectionString } from "./connection-string";

const WHOLE = { host: "db.example", port: "1444", database: "erp", user: "me", password: "s;e'c" };

describe("connection strings of SQL Server", () => {
  test.each([
    ["ADO.NET", `Server=tcp:db.example,1444;Initial Catalog=erp;User ID=me;Password="s;e'c"`],
    ["ADO.NET by other words", `data source=db.example,1444; database=erp; uid=me; pwd={s;e'c};`],
    ["ODBC", `Driver={ODBC Driver 18 for SQL Server};Server=db.example,1444;Database=erp;UID=me;PWD={s;e'c}`],
    ["JDBC", `jdbc:sqlserver://db.example:1444;databaseName=erp;user=me;password={s;e'c}`],
    [
      "JDBC without a host in front",
      `jdbc:sqlserver://;serverName=db.example;portNumber=1444;database=erp;userName=me;password='s;e''c'`,
    ],
    ["URL", `mssql://me:s%3Be%27c@db.example:1444/erp`],
    ["URL with the database as a parameter", `sqlserver://me:s%3Be%27c@db.example:1444?database=erp`],
    ["a named instance with its port", `Server=db.example\\main,1444;Database=erp;User Id=me;Password="s;e'c"`],
  ])("%s", (_title, text) => {
    expect(parseConnectionString(text)).toEqual(WHOLE);
  });

  test("encryption, names of the local machine, and what nobody needs", () => {
    const text =
      "Server=(local);Encrypt=Mandatory;TrustServerCertificate=True;Application Name=x;MultipleActiveResultSets=true;Integrated Security=False";
    expect(parseConnectionString(text)).toEqual({
      host: "localhost",
      encrypt: "Mandatory",
      trustServerCertificate: "True",
      applicationName: "x",
    });
    expect(parseConnectionString("mssql://sa:p@h:80/d?encrypt=false&trustServerCertificate=true")).toMatchObject({
      port: "80",
      encrypt: "false",
    });
    expect(parseConnectionString("Server=[::1],1500")).toEqual({ host: "::1", port: "1500" });
  });

  test.each([
    ["no pairs", "db.example", "it is no list of key=value pairs"],
    ["a quote without an end", "Server=a;Password='secret", "it is no list of key=value pairs"],
    ["an instance without a port", "Server=db\\main;Password=secret", "it names the instance main without its port"],
    ["a pipe", "Server=np:\\\\.\\pipe\\x;Password=secret", "its server is none that is reached by TCP"],
    ["Windows' login", "Server=a;Integrated Security=SSPI;Password=secret", "it asks for another login"],
    ["Entra's login", "Server=a;Authentication=Active Directory Default;Password=secret", "it asks for another login"],
    ["no URL", "mssql://me:secret@:x/", "it is no URL"],
  ])("%s is refused with the reason, and nothing of the text", (_title, text, reason) => {
    const read = (): unknown => parseConnectionString(text);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(/secret/);
  });
});
