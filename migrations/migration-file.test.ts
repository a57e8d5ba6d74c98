import { isIntact, parseFile, renderFile } from "./migration-file";

const made = renderFile("01-tables/a/b.sql", [["Source", "MSSQL [dbo].[Bærtur]"]], 'CREATE TABLE a."b æøå" ();\n');

test.each([
  ["a text", made.text],
  ["bytes", Buffer.from(made.text)],
  ["bytes of a checkout with CRLF", Buffer.from(made.text.replaceAll("\n", "\r\n"))],
])("a generated file read as %s is what was made", (_what, written) => {
  const { path, header, body, checksum } = made;
  const read = parseFile(path, written);
  expect(read).toEqual({
    path,
    header: expect.arrayContaining([...header]) as unknown,
    body,
    checksum,
    actual: checksum,
  });
  expect(isIntact(read)).toBe(true);
});

test.each([
  ["another letter", (text: string) => text.replace("æøå", "æøa")],
  ["one line with CRLF", (text: string) => text.replace(";\n", ";\r\n")],
  ["a checksum less", (text: string) => text.replace(/-- Checksum.*\n/, "")],
])("%s is noticed", (_what, edit) => {
  expect(isIntact(parseFile(made.path, Buffer.from(edit(made.text))))).toBe(false);
});
