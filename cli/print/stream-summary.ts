import type { StreamResult } from "../../stream/run/options";
import type { StreamProblem } from "../../stream/stream-events";
import { countText, durationText } from "./amounts";
import type { Paint } from "./paint";
import { statesText, totalsOf } from "./stream-totals";

/** What a stream did, for humans, with all that needs a hand and what to do. */
export function streamSummary({ status, durationMs }: StreamResult, paint: Paint): string {
  const totals = totalsOf(status);
  const rows = totals.snapshotRows === 0 ? "" : `, ${countText(totals.snapshotRows)} snapshot rows`;
  const dead =
    totals.deadLetters === 0
      ? []
      : [paint.yellow(`${countText(totals.deadLetters)} dead letters: see \`cdc dead-letters list\``)];
  return [
    `streamed ${countText(totals.events)} changes in ${countText(totals.transactions)} transactions${rows} in ${durationText(durationMs)}`,
    `  sources: ${statesText(totals.sources)} · tables: ${statesText(totals.tables)} · lag ${durationText(totals.lagMs)}`,
    ...dead,
    ...status.sources.flatMap(({ source, state, problem }) =>
      problem === undefined ? [] : problemLines(`${source} ${state}`, problem, paint),
    ),
    ...status.tables.flatMap(({ source, schema, table, state, problem }) =>
      problem === undefined
        ? []
        : problemLines(`${schema}.${table} (${source}) ${state.replace("_", " ")}`, problem, paint),
    ),
  ].join("\n");
}

/** What stands still, why, and what to do. */
export function problemLines(what: string, { code, message, hint }: StreamProblem, paint: Paint): string[] {
  const first = `${paint.red(what)}: ${message} (${code})`;
  return hint === undefined ? [first] : [first, `  ${paint.cyan("hint:")} ${hint}`];
}
