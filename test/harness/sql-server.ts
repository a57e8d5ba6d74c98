import { Connection, Request, type ConnectionConfiguration } from "tedious";
import { startSqlServer, type RunningSqlServer } from "../../sandbox/sqlserver";

/** A value of a driver as plain text, the same for every client: NULL, 1, 2026-01-02T03:04:05.678Z, 0x0AFF. */
export function canonical(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex").toUpperCase()}`;
  return typeof value === "string" ? value : (value as { toString(): string }).toString();
}

/** A column of a result as the driver tells it. */
export interface SeenColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** What a batch answered, in order. */
export interface Answer {
  readonly results: { readonly columns: SeenColumn[]; readonly rows: unknown[][] }[];
  readonly errors: {
    readonly number: number;
    readonly state: number;
    readonly class: number;
    readonly message: string;
  }[];
  /** Results as `(a,b / c,d)` and errors as `!515`, in the order of the answer. */
  readonly text: string;
  readonly rowCount: number;
}

/** One connection of the unmodified driver. */
export interface Client {
  readonly connection: Connection;
  /** Runs a batch; errors are in the answer. */
  batch(sql: string): Promise<Answer>;
  /** Runs a request made by the caller, such as one with parameters. */
  run(
    request: (done: (error?: Error | null, count?: number) => void) => Request,
    how: "execSql" | "execSqlBatch",
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** A server to test: the stand-in, or a real one when MSSQL_TEST_URL says where. */
export interface TestServer {
  /** Absent with a real server: faults and jobs can't be commanded there. */
  readonly standIn: RunningSqlServer | undefined;
  connect(database?: string, options?: ConnectionConfiguration["options"]): Promise<Client>;
  stop(): Promise<void>;
}

/** Starts the stand-in, or takes the server of MSSQL_TEST_URL. */
export async function testServer(pollingIntervalMs = 20): Promise<TestServer> {
  const url = process.env["MSSQL_TEST_URL"];
  const standIn = url === undefined ? await startSqlServer({ pollingIntervalMs }) : undefined;
  const target = new URL(url ?? standIn?.url ?? "");
  return {
    standIn,
    connect: (database = "master", options = {}) => connect(target, database, options),
    stop: async () => {
      await standIn?.stop();
    },
  };
}

function connect(
  url: URL,
  database: string,
  options: NonNullable<ConnectionConfiguration["options"]>,
): Promise<Client> {
  const encrypt = url.searchParams.get("encrypt") === "true";
  const connection = new Connection({
    server: url.hostname,
    authentication: {
      type: "default",
      options: { userName: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    },
    options: { port: Number(url.port || 1433), database, encrypt, trustServerCertificate: true, ...options },
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error) reject(error);
      else resolve(clientOf(connection));
    });
  });
}

function clientOf(connection: Connection): Client {
  // A lost connection is in the answer of the request that it struck.
  connection.on("error", () => undefined);
  const run: Client["run"] = (make, how) => answerOf(connection, make, how);
  return {
    connection,
    run,
    batch: (sql) => run((done) => new Request(sql, (error, count) => done(error, count)), "execSqlBatch"),
    close: () =>
      new Promise((resolve) => {
        connection.once("end", () => {
          resolve();
        });
        connection.close();
      }),
  };
}

function answerOf(
  connection: Connection,
  make: Parameters<Client["run"]>[0],
  how: "execSql" | "execSqlBatch",
): Promise<Answer> {
  return new Promise((resolve) => {
    const results: Answer["results"] = [];
    const errors: Answer["errors"] = [];
    const parts: (string | { rows: unknown[][] })[] = [];
    const onError = (error: Answer["errors"][number]) => {
      errors.push(error);
      parts.push(`!${error.number}`);
    };
    const request = make((failure, count) => {
      connection.removeListener("errorMessage", onError);
      if (failure && errors.length === 0) parts.push(`?${failure.message}`);
      const text = parts.map((part) => (typeof part === "string" ? part : shown(part.rows))).join(" ");
      resolve({ results, errors, text, rowCount: count ?? 0 });
    });
    request.on("columnMetadata", (columns) => {
      const seen = (columns as unknown as { colName: string; type: { name: string }; flags: number }[]).map(
        (column) => ({
          name: column.colName,
          type: column.type.name,
          nullable: (column.flags & 1) !== 0,
        }),
      );
      const result = { columns: seen, rows: [] };
      results.push(result);
      parts.push(result);
    });
    request.on("row", (columns) => {
      results.at(-1)?.rows.push((columns as unknown as { value: unknown }[]).map(({ value }) => value));
    });
    connection.on("errorMessage", onError);
    connection[how](request);
  });
}

function shown(rows: readonly (readonly unknown[])[]): string {
  return `(${rows.map((row) => row.map(canonical).join(",")).join(" / ")})`;
}
