import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Figures, Variant } from "./bench";
import { runCdc, type CdcRun } from "./cdc-process";
import { ddlScript, ddlUnits, type DdlUnits } from "./ddl-script";
import { generateProject, LARGE, type GeneratedProject } from "./project";
import { barePg } from "./rivals/bare-pg";
import { flywayMigrate, flywayMissing, flywayName } from "./rivals/flyway";
import { nodePgMigrate, nodePgMigrateName } from "./rivals/node-pg-migrate";
import { psqlOneTransaction } from "./rivals/psql";

const DATABASE = "bench_apply_rivals";
const TABLES = LARGE.schemas * LARGE.tables;
const MOST_CATALOGUE_QUERIES = 6;
const work = { count: TABLES, unit: "tables" };

const FOUR_CONNECTIONS = "bare pg, a call per table on four connections, no history";
const NODE_PG_MIGRATE = "node-pg-migrate, one transaction";
const FLYWAY = "Flyway, one transaction (group=true)";

let project: GeneratedProject;
let units: DdlUnits;
let last: CdcRun;

/** The same tables from empty by ours and by others, each with its own way of writing history; then asked again. */
export const bench: Bench = {
  name: `apply, ${LARGE.schemas} schemas x ${LARGE.tables} tables x ${LARGE.columns} columns, and others`,
  async setUp({ postgres }) {
    project = generateProject(LARGE, DATABASE);
    units = ddlUnits(project.directory);
    writeFileSync(script(), ddlScript(units));
    writeFolder("flyway", flywayName);
    writeFolder("node-pg-migrate", nodePgMigrateName);
    await runCdc(project.directory, postgres, "migrations", "generate");
  },
  tearDown() {
    project.remove();
    return Promise.resolve();
  },
  variants: [
    fromEmpty("psql -1 -f, one transaction, no history", (context) => psqlOneTransaction(script(), DATABASE, context)),
    fromEmpty(FOUR_CONNECTIONS, (context) => barePg(units, DATABASE, context)),
    fromEmpty(NODE_PG_MIGRATE, ({ postgres }) => nodePgMigrate(folder("node-pg-migrate"), DATABASE, postgres)),
    {
      ...fromEmpty(FLYWAY, ({ postgres }) => flywayMigrate(folder("flyway"), DATABASE, postgres)),
      missing: flywayMissing,
    },
    {
      ...fromEmpty("cdc migrations apply", cdc("apply")),
      limit: { atMostRatios: { [FLYWAY]: 0.5, [NODE_PG_MIGRATE]: 0.6, [FOUR_CONNECTIONS]: 1.15 } },
    },
    asked("cdc migrations apply again, nothing to do", "apply"),
    asked("cdc migrations status", "status"),
  ],
};

function fromEmpty(name: string, run: Variant["run"]): Variant {
  return { name, work, prepare: ({ emptyDatabase }) => emptyDatabase(DATABASE), run };
}

/** Reads all files, the history and the live catalogue, and finds nothing. */
function asked(name: string, verb: string): Variant {
  const limit = { atMostSeconds: 1, atMostFigures: { "catalogue queries": MOST_CATALOGUE_QUERIES } };
  return { name, work, limit, run: cdc(verb, "--json"), figures };
}

function cdc(verb: string, ...args: string[]): Variant["run"] {
  return async ({ postgres }) => {
    last = await runCdc(project.directory, postgres, "migrations", verb, "--env", "dev", ...args);
  };
}

function figures(): Promise<Figures> {
  const { catalogQueries } = JSON.parse(last.stdout) as { catalogQueries: number };
  return Promise.resolve({ "catalogue queries": catalogQueries, "MB at most": Math.round(last.peakMb) });
}

function writeFolder(name: string, nameOf: (index: number, name: string) => string): void {
  mkdirSync(folder(name));
  const all = [{ name: "shared", sql: units.shared }, ...units.tables];
  for (const [index, { name: table, sql }] of all.entries())
    writeFileSync(join(folder(name), nameOf(index, table)), sql);
}

function folder(name: string): string {
  return join(project.directory, name);
}

function script(): string {
  return join(project.directory, "all.sql");
}
