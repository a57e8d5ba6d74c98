import type { Play } from "./fault";
import type { TenantSource } from "./source-side";
import { TABLES, type TableName } from "./tables";
import type { Outcome } from "./worker";

/** What a run must never show. */
export type Verdict = "lost" | "duplicated" | "misordered" | "torn" | "other";

/** One thing that was wrong after a run. */
export interface Finding {
  readonly verdict: Verdict;
  readonly text: string;
}

const SHOWN = 4;

/** Compares both ends of a run that has ended, and what was noted on the way. */
export async function judge(play: Play, sources: readonly TenantSource[], outcome: Outcome): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const source of sources) {
    findings.push(...(await differences(play, source)));
    findings.push(...stateProblems(source, outcome));
    await play.watch.judge(source);
  }
  findings.push(...(await deadLetters(play, sources)));
  for (const { kind, text } of await play.sink.found()) findings.push({ verdict: kind as Verdict, text });
  findings.push(...play.watch.torn.slice(0, SHOWN).map((text) => ({ verdict: "torn" as const, text })));
  findings.push(...play.watch.lost.slice(0, SHOWN).map((text) => ({ verdict: "lost" as const, text })));
  findings.push(...play.streams.wrong.map((text) => ({ verdict: "other" as const, text })));
  if (outcome.error !== undefined) findings.push({ verdict: "other", text: outcome.stack ?? outcome.error });
  return findings;
}

async function differences({ side, sink }: Play, source: TenantSource): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const table of TABLES) {
    const wanted = await wantedRows(side, source, table);
    const found = (await sink.rows(source.tenant, table)).filter((row) => !isPoisoned(source, table, row));
    const [wantedSet, foundSet] = [new Set(wanted), new Set(found)];
    const missing = wanted.filter((row) => !foundSet.has(row));
    const extra = found.filter((row) => !wantedSet.has(row));
    if (missing.length + extra.length === 0) continue;
    const text = `${source.tenant}.${table}: at the source only ${some(missing)}; in the sink only ${some(extra)}`;
    findings.push({ verdict: "lost", text });
  }
  return findings;
}

function some(rows: readonly string[]): string {
  const shown = rows.slice(0, SHOWN).map((row) => row.replace(/x{9,}/g, "x…x"));
  return [`${String(rows.length)} rows`, ...shown].join(" ");
}

/** The rows that the sink must have: those of the source, or those from before its table had to stop. */
async function wantedRows(side: Play["side"], source: TenantSource, table: TableName): Promise<readonly string[]> {
  const rows = source.frozen.get(table) ?? (await side.rows(source, table));
  return rows.filter((row) => !isPoisoned(source, table, row));
}

function isPoisoned({ poisoned }: TenantSource, table: TableName, row: string): boolean {
  const [first, second] = JSON.parse(row) as (string | null)[];
  // Of two rows with the same tag, the one with a 0 is fine, or was first.
  if (table === "pairs" && second === "0") return false;
  return poisoned.some((one) => one.table === table && String(one.key) === first);
}

/** A table may be stopped only where that was asked for. */
function stateProblems({ tenant, frozen }: TenantSource, { tables = [] }: Outcome): Finding[] {
  return tables.flatMap(({ schema, table, state, problem }) => {
    if (schema !== tenant) return [];
    const wanted = frozen.has(table as TableName) ? "stopped" : "streaming";
    const hasCode = wanted === "streaming" || problem?.code === "CDC_SOURCE_DRIFT";
    if (state === wanted && hasCode) return [];
    return [{ verdict: "other" as const, text: `${schema}.${table} is ${state}: ${JSON.stringify(problem)}` }];
  });
}

/** Refused rows, all of them, and no others. */
async function deadLetters({ sink }: Play, sources: readonly TenantSource[]): Promise<Finding[]> {
  const letters = await sink.query<{ place: string; key: string; reason: string }>(
    `SELECT DISTINCT schema_name || '.' || table_name AS place, coalesce(payload #>> '{data,id}', payload #>> '{data,x}', payload ->> 'id', payload ->> 'x',
       substring(payload ->> 'text' FROM '"(?:id|x)":"?(-?[0-9]+)')) AS key, reason
     FROM cdc_management.dead_letters`,
  );
  const isWanted = (place: string, key: string): boolean =>
    sources.some(({ tenant, poisoned }) =>
      poisoned.some((one) => `${tenant}.${one.table}` === place && String(one.key) === key),
    );
  const unwanted = letters.filter(({ place, key }) => !isWanted(place, key));
  const missing = sources.flatMap(({ tenant, poisoned, frozen }) =>
    poisoned.filter(
      ({ table, key }) =>
        !frozen.has(table) &&
        !letters.some((letter) => letter.place === `${tenant}.${table}` && letter.key === String(key)),
    ),
  );
  return [
    ...unwanted.map((letter) => ({ verdict: "lost" as const, text: `a dead letter: ${JSON.stringify(letter)}` })),
    ...missing.map((one) => ({ verdict: "other" as const, text: `no dead letter: ${JSON.stringify(one)}` })),
  ];
}
