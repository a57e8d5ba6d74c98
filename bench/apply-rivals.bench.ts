import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PgConfig } from "../databases/postgres/config";
import { closePools } from "../databases/postgres/pool";
import { counters } from "../databases/postgres/run";
import { applyFolder } from "../migrations/apply/apply";
import { readFolder, type MigrationFolder } from "../migrations/folder";
import { readStatus } from "../migrations/status";
import type { Bench, BenchContext, Figures, Variant } from "./bench";
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

const FOUR_CONNECTIONS = "bare pg on 4 connections";
const NODE_PG_MIGRATE = "node-pg-migrate";
const FLYWAY = "Flyway (group=true)";

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
  async tearDown() {
    project.remove();
    await closePools();
  },
  variants: [
    fromEmpty("psql -1 -f", (context) => psqlOneTransaction(script(), DATABASE, context)),
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
    asked("cdc migrations apply again, nothing to do", "apply", applyFolder),
    asked("cdc migrations status", "status", readStatus),
  ],
};

function fromEmpty(name: string, run: Variant["run"]): Variant {
  return { name, work, prepare: ({ emptyDatabase }) => emptyDatabase(DATABASE), run };
}

/** Reads all files, the history and the live catalogue, and finds nothing. `same` is what the command calls. */
function asked(name: string, verb: string, same: Asked): Variant {
  const limit = { atMostSeconds: 1, atMostFigures: { "catalogue queries": MOST_CATALOGUE_QUERIES } };
  return { name, work, limit, run: cdc(verb), figures: (context) => figures(context, same) };
}

type Asked = (folder: MigrationFolder, environment: string, config: PgConfig) => Promise<unknown>;

function cdc(verb: string): Variant["run"] {
  return async ({ postgres }) => {
    last = await runCdc(project.directory, postgres, "migrations", verb, "--env", "dev");
  };
}

async function figures({ postgres }: BenchContext, same: Asked): Promise<Figures> {
  const { host, port, user, password } = postgres;
  const before = counters.catalogQueries;
  await same(readFolder(folder("migrations", "main.clinic")), "dev", {
    host,
    port,
    user,
    password,
    database: DATABASE,
  });
  return { "catalogue queries": counters.catalogQueries - before, "MB at most": Math.round(last.peakMb) };
}

function writeFolder(name: string, nameOf: (index: number, name: string) => string): void {
  mkdirSync(folder(name));
  const all = [{ name: "shared", sql: units.shared }, ...units.tables];
  for (const [index, { name: table, sql }] of all.entries())
    writeFileSync(join(folder(name), nameOf(index, table)), sql);
}

function folder(...names: string[]): string {
  return join(project.directory, ...names);
}

function script(): string {
  return join(project.directory, "all.sql");
}
