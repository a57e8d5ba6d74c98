import type { Command } from "commander";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import type { VerifyResult } from "../../stream/verify/differences";
import { positive, seconds } from "../number-words";

interface VerifyFlags {
  readonly pipeline: string;
  readonly table?: readonly string[];
  readonly tenant?: readonly string[];
  readonly database?: string;
  readonly limit: number;
  readonly parallel: number;
  readonly wait: number;
  readonly grace: number;
}

/** `cdc verify` */
export function register(program: Command): void {
  program
    .command("verify")
    .summary("compare the tables with SQL Server")
    .description(
      "Reads every row at the source and compares it with the sink's, each value as the sink's type holds it, and names\n" +
        "the rows that are missing, extra or different. Rows that change meanwhile are looked at again once the stream has\n" +
        "brought their changes. Changes nothing on either side.\n" +
        "Exit codes: 0 equal, 1 differences, or rows that kept changing, 2 error.",
    )
    .option("--table <table...>", "only these tables: schema.table of the sink or the source, or a table's name")
    .option("--tenant <customer...>", "only these customers")
    .option("--database <name>", "sink database, when the stack has several")
    .option("--pipeline <name>", "pipeline that streams the tables", "stream")
    .option("--limit <rows>", "differing rows to name per table", positive, 20)
    .option("--parallel <tables>", "tables at once", positive, 3)
    .option("--wait <seconds>", "longest wait for rows that keep changing, and for the stream", seconds, 60)
    .option("--grace <seconds>", "how long the capture job may need to see a change", seconds, 6)
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc verify -s dev\n  $ cdc verify -s prod --table Orders --tenant north --json",
    )
    .action(verifyCommand);
}

async function verifyCommand(flags: VerifyFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const result = await compare(context, flags);
  if (result.tables.length === 0) throw await noTable(context, flags);
  const { verifyText } = await import("../print/verify");
  context.print(result, () => verifyText(result, context.paint));
  if (result.tables.some(({ problem }) => problem !== undefined)) context.exitWith(EXIT.error);
  else if (!result.equal) context.exitWith(EXIT.changesFound);
}

async function compare(context: Context, flags: VerifyFlags): Promise<VerifyResult> {
  const { streamPlan } = await import("../stream-plan");
  const { verify } = await import("../../stream/verify/verify");
  const { wantedTables } = await import("../wanted-tables");
  const { closePools } = await import("../../databases/sqlserver/pool");
  const { tenant, table, database } = flags;
  const plan = await streamPlan(context, {
    ...(tenant === undefined ? {} : { source: tenant }),
    ...(database === undefined ? {} : { database }),
  });
  const progress = context.progress("rows compared");
  let seen = 0;
  try {
    return await verify({
      pipeline: flags.pipeline,
      topology: plan.topology,
      sourceConfig: plan.sourceConfig,
      serverName: plan.serverName,
      sink: plan.sink,
      wanted: wantedTables(table, tenant),
      limit: flags.limit,
      parallel: flags.parallel,
      settleMs: flags.wait * 1000,
      graceMs: flags.grace * 1000,
      signal: context.io.signal,
      onProgress: ({ rows }) => {
        progress.add(rows - seen);
        seen = rows;
      },
    });
  } finally {
    progress.end();
    // Their idle sessions would keep the process for another ten seconds.
    closePools();
  }
}

async function noTable({ options }: Context, { table, tenant }: VerifyFlags): Promise<Error> {
  const { CdcError } = await import("../../lib/errors");
  const named = [...(table ?? []), ...(tenant ?? [])].join(", ");
  const text = named === "" ? "has no table that its sources feed" : `has no such table or customer: ${named}`;
  return new CdcError("CDC_NO_TABLE", `stack ${options.stack} ${text}`, { hint: "`cdc status` shows the tables." });
}
