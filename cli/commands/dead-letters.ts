import { InvalidArgumentError, type Command } from "commander";
import type { DeadLetter, DeadLetterFilter } from "../../stream/dead-letters";
import type { RetryResult } from "../../stream/retry-dead-letters";
import { stackDatabase } from "../chosen-database";
import { contextFrom } from "../context";
import { EXIT } from "../exit-code";
import { table } from "../print/table";
import { positive } from "../number-words";

interface Flags {
  readonly table?: string;
  readonly id?: readonly string[];
  readonly limit?: number;
  readonly database?: string;
}

/** `cdc dead-letters list` and `retry` */
export function register(program: Command): void {
  const group = program
    .command("dead-letters")
    .summary("events that could not be stored: list them, try them again")
    .addHelpText("after", "\nExample:\n  $ cdc dead-letters list -s dev");
  options(group.command("list"))
    .summary("show open dead letters, oldest first")
    .description(
      "Shows the events that could not be stored, with their reasons. --json prints them whole.\nExit codes: 0 fine, 2 error.",
    )
    .option("--limit <count>", "at most so many", positive, 50)
    .addHelpText("after", "\nExample:\n  $ cdc dead-letters list -s dev --table cust01.Actor")
    .action(list);
  options(group.command("retry"))
    .summary("load open dead letters again")
    .description(
      "Takes open dead letters through staging and merge again, each at its own place in history: what is older than the\n" +
        "stored row changes nothing. Those that fail again stay open.\n" +
        "Exit codes: 0 all are resolved, 2 error, 3 some are still open.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc dead-letters retry -s dev --id 17 18")
    .action(retry);
}

function options(command: Command): Command {
  return command
    .option("--table <schema.table>", "only those of this table")
    .option("--id <id...>", "only these", collectId)
    .option("--database <name>", "sink database, when the stack has several");
}

async function list(flags: Flags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { config } = await stackDatabase(context, flags.database);
  const { listDeadLetters } = await import("../../stream/dead-letters");
  const letters = await listDeadLetters(config, filterOf(flags));
  context.print(
    letters.map((letter) => ({ ...letter, payload: JSON.parse(letter.payload) as unknown })),
    () => lettersText(letters),
  );
}

async function retry(flags: Flags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { config } = await stackDatabase(context, flags.database);
  const { retryDeadLetters } = await import("../../stream/retry-dead-letters");
  const result = await retryDeadLetters(config, filterOf(flags));
  if (result.failed.length > 0) context.exitWith(EXIT.unhealthy);
  context.print(result, () => retryText(result));
}

function filterOf({ table: name, id, limit }: Flags): DeadLetterFilter {
  return {
    ...(name === undefined ? {} : { table: name }),
    ...(id === undefined ? {} : { ids: id }),
    ...(limit === undefined ? {} : { limit }),
  };
}

const HEAD = ["ID", "TABLE", "OPERATION", "ATTEMPTS", "LAST TRIED", "REASON"];

function lettersText(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return "no dead letters";
  const rows = letters.map((letter) => [
    letter.id,
    letter.table === "" ? "-" : `${letter.schema}.${letter.table}`,
    letter.operation ?? "-",
    String(letter.attempts),
    letter.lastTried,
    letter.reason,
  ]);
  return table(HEAD, rows);
}

function retryText({ tried, resolved, failed }: RetryResult): string {
  const still = failed.map(({ id, table: name, reason }) => `  ${id} ${name === "" ? "" : `${name}: `}${reason}`);
  return [`tried ${String(tried)}, resolved ${String(resolved)}, still open ${String(failed.length)}`, ...still].join(
    "\n",
  );
}

function collectId(text: string, ids: readonly string[] = []): readonly string[] {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError("the number of a dead letter is needed.");
  return [...ids, text];
}
