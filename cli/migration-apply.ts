import type { PgConfig } from "../databases/postgres/config";
import { applyFolder } from "../migrations/apply/apply";
import { batchesOf, planApply } from "../migrations/apply/plan";
import type { ApplyReport } from "../migrations/apply/report";
import type { Context } from "./context";
import type { MigrationTarget } from "./migration-targets";

/** How a user wants files applied. */
export interface ApplyWishes {
  readonly lockTimeout: number;
  /** Seconds. */
  readonly wait: number;
  readonly singleTransaction?: boolean;
  readonly repair?: boolean;
  readonly force?: boolean;
  readonly by?: string;
}

/** Applies a sink's files, with progress on stderr. */
export async function applyTarget(
  context: Context,
  { folder, environment }: MigrationTarget,
  config: PgConfig,
  wishes: ApplyWishes,
): Promise<ApplyReport> {
  const name = folder.manifest.sink.name;
  const progress = context.progress(`applying ${name} to ${config.database}`);
  try {
    return await applyFolder(folder, environment, config, {
      ...planOptions(wishes),
      lockTimeoutMs: wishes.lockTimeout,
      waitMs: wishes.wait * 1000,
      ...(wishes.singleTransaction === true ? { singleTransaction: true } : {}),
      onWait: (holder) => {
        progress.above(() => {
          context.note(`waiting: another deployment is changing ${config.database}: ${holder}`);
        });
      },
      onStart: (tables) => {
        progress.expect(tables);
      },
      onDone: () => {
        progress.add();
      },
      signal: context.io.signal,
    });
  } finally {
    progress.end();
  }
}

/** Prints what apply would send, each transaction as a block of SQL. */
export async function dryRun(
  context: Context,
  { folder, environment }: MigrationTarget,
  config: PgConfig,
  wishes: ApplyWishes,
): Promise<void> {
  const plan = await planApply(folder, environment, config, planOptions(wishes));
  const batches = batchesOf(plan);
  const { io, options } = context;
  const head = `-- ${folder.manifest.sink.name}, database ${config.database}: ${String(batches.length)} transactions\n`;
  if (options.json) {
    context.print(
      { sink: folder.manifest.sink.name, environment, database: config.database, transactions: batches },
      () => "",
    );
    return;
  }
  io.stdout.write(head);
  for (const batch of batches) io.stdout.write(`BEGIN;\n${batch.map(ended).join("")}COMMIT;\n\n`);
}

/** Statements as psql takes them. */
function ended(statement: string): string {
  const text = statement.trimEnd();
  return text.endsWith(";") ? `${text}\n` : `${text}\n;\n`;
}

function planOptions({ force, by, repair }: ApplyWishes) {
  return {
    ...(force === undefined ? {} : { force }),
    ...(by === undefined ? {} : { by }),
    ...(repair === undefined ? {} : { repair }),
  };
}
