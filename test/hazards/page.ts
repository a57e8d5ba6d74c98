import { describeLock } from "../../model/hazard";
import { CORPUS } from "./corpus";
import type { Observation } from "./observe";

const INTRODUCTION = `# Hazards

What each kind of change does to tables that others are using, as \`cdc preview\`, the migration files and their
reports tell it. Every line was made on PostgreSQL 15 and 18, with rows in the table: the lock is the strongest that
\`pg_locks\` showed on a table or view that was there before, a rewrite is a new file of the table
(\`pg_relation_filenode\`), and what lasts as long as the rows are many was seen in the transaction's statistics.
\`test/hazards\` compares all of it with what the plans say, and writes this page.

Every statement waits for its lock 3 s at most (\`lock_timeout\`), then lets go and tries again after a growing pause,
so that nobody queues behind a change that cannot be made yet.

`;

const HEAD = ["change", "kind", "lock", "rewrite", "who waits, and how long", "other tools' rules"];

/** docs/hazards.md, from what was seen on the newest PostgreSQL. */
export function hazardPage(observed: readonly Observation[], counts: readonly string[]): string {
  const rows = observed.map((one) => [
    one.title,
    `\`${one.kind}\``,
    one.lock,
    one.rewrite ? "yes" : "no",
    waits(one),
    rulesOf(one),
  ]);
  const widths = HEAD.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const table = [line(HEAD), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
  return `${INTRODUCTION}${counts.map((text) => `- ${text}`).join("\n")}\n\n${table}\n`;
}

function waits({ said }: Observation): string {
  return describeLock(said).replace(/[A-Z ]+ lock: /g, "") || "nobody";
}

function rulesOf({ title }: Observation): string {
  return CORPUS.find((one) => one.title === title)?.rules?.join(", ") ?? "";
}
