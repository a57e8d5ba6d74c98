import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Connection, Request } from "tedious";
import { run } from "./run-program.mjs";
import { tsql } from "./tsql.mjs";

const here = import.meta.dirname;

/** Each sends the batches over one connection: `{url, database, batches, directory}` -> `{client, answers}`. */
export const CLIENTS = { tedious, go, jdbc, tsql, once };

async function once(url, sql) {
  const connection = await connect(new URL(url), "master");
  await answerOf(connection, sql);
  connection.close();
}

async function tedious({ url, database, batches }) {
  const connection = await connect(new URL(url), database);
  const answers = [];
  for (const batch of batches) answers.push(await answerOf(connection, batch));
  connection.close();
  const { version } = createRequire(import.meta.url)("tedious/package.json");
  return { client: `tedious ${version}`, answers };
}

function connect(url, database) {
  const connection = new Connection({
    server: url.hostname,
    authentication: {
      type: "default",
      options: { userName: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    },
    options: {
      port: Number(url.port || 1433),
      database,
      encrypt: url.searchParams.get("encrypt") === "true",
      trustServerCertificate: true,
    },
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

function answerOf(connection, sql) {
  return new Promise((resolve) => {
    const parts = [];
    const types = [];
    const items = [];
    const onError = ({ number }) => {
      parts.push(`!${number}`);
      items.push(`!${number}`);
    };
    const request = new Request(sql, () => {
      connection.removeListener("errorMessage", onError);
      const text = parts.map((part) => (Array.isArray(part) ? `(${part.join(" / ")})` : part)).join(" ");
      resolve({ text, types, items });
    });
    request.on("columnMetadata", (columns) => {
      parts.push([]);
      types.push(columns.map(typeName));
    });
    request.on("row", (cells) => {
      const row = cells.map(({ value }) => canonical(value));
      parts.at(-1).push(row.join(","));
      items.push(row);
    });
    connection.on("errorMessage", onError);
    connection.execSqlBatch(request);
  });
}

const SIZED = {
  IntN: { 1: "tinyint", 2: "smallint", 4: "int", 8: "bigint" },
  FloatN: { 4: "real", 8: "float" },
  MoneyN: { 4: "smallmoney", 8: "money" },
  DateTimeN: { 4: "smalldatetime", 8: "datetime" },
};

/** The name that the server's documentation has, where the driver has one per way of sending it. */
function typeName({ type, dataLength }) {
  if (type.name === "Variant") return "sql_variant";
  return SIZED[type.name]?.[dataLength] ?? type.name.toLowerCase().replace(/n$/, "");
}

function canonical(value) {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Date) return value.toISOString();
  return Buffer.isBuffer(value) ? `0x${value.toString("hex").toUpperCase()}` : String(value);
}

async function go({ url, database, batches, directory }) {
  const place = join(directory, "go");
  mkdirSync(place);
  for (const file of ["go.mod", "main.go"]) copyFileSync(join(here, "go", file), join(place, file));
  await run("go", ["mod", "tidy"], { cwd: place });
  await run("go", ["build", "-o", "script", "."], { cwd: place });
  const { username, password, host } = new URL(url);
  const target = `sqlserver://${username}:${password}@${host}?database=${database}&encrypt=${encryption(url)}`;
  const env = { ...process.env, SCRIPT_URL: `${target}&TrustServerCertificate=true` };
  const seen = JSON.parse(await run(join(place, "script"), [], { env, input: JSON.stringify(batches) }));
  // The driver has one name for both.
  const { client, answers } = seen;
  return { client, answers, sameType: (name) => (name === "numeric" ? "decimal" : name) };
}

async function jdbc({ url, database, batches, directory }) {
  const place = join(directory, "java");
  mkdirSync(place);
  copyFileSync(join(here, "java/pom.xml"), join(place, "pom.xml"));
  await run("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"], { cwd: place });
  const { username, password, hostname, port } = new URL(url);
  const settings = `databaseName=${database};encrypt=${encryption(url)};trustServerCertificate=true`;
  const login = `user=${decodeURIComponent(username)};password=${decodeURIComponent(password)}`;
  const env = {
    ...process.env,
    SCRIPT_JDBC_URL: `jdbc:sqlserver://${hostname}:${port || 1433};${settings};${login}`,
  };
  const program = ["-cp", "jars/*", join(here, "java/Script.java")];
  return JSON.parse(await run("java", program, { cwd: place, env, input: batches.join("\u0001") }));
}

const encryption = (url) => (new URL(url).searchParams.get("encrypt") === "true" ? "true" : "false");
