import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCatalog } from "../databases/postgres/catalog";
import { closePools } from "../databases/postgres/pool";
import type { Bench, BenchContext, Figures, Variant } from "./bench";
import { runCdc, type CdcRun } from "./cdc-process";
import { ddlScript, ddlUnits } from "./ddl-script";
import { generateProject, LARGE, type GeneratedProject } from "./project";
import { psqlOneTransaction } from "./rivals/psql";

const DATABASE = "bench_ddl";
const RESOURCES = LARGE.schemas * LARGE.tables * 3 + LARGE.schemas + 1;
const work = { count: RESOURCES, unit: "resources" };

let project: GeneratedProject;
let last: CdcRun | undefined;

/** Deploying 26 schemas of 39 tables of 25 columns, beside the same statements as a script; then with nothing to change. */
export const bench: Bench = {
  name: `${LARGE.schemas} schemas x ${LARGE.tables} tables x ${LARGE.columns} columns`,
  runs: 3,
  setUp() {
    project = generateProject(LARGE, DATABASE);
    writeFileSync(script(), ddlScript(ddlUnits(project.directory)));
    return Promise.resolve();
  },
  async tearDown() {
    project.remove();
    await closePools();
  },
  variants: [
    { name: "one transaction of the same statements (psql -1 -f)", work, prepare: empty, run: runScript },
    {
      name: "cdc up, built-in engine",
      work,
      limit: { atMostRatio: 2, atMostFigures: { "MB at most": 600, "KB of state each": 2 } },
      prepare: emptyWithState,
      run: cdc("up", "--yes"),
      figures,
    },
    { ...unchanged("cdc preview, nothing to change", "preview", "--expect-no-changes"), limit: { atMostSeconds: 10 } },
    unchanged("cdc up again, nothing to change", "up", "--yes", "--expect-no-changes"),
    unchanged("cdc refresh, reading the catalogue", "refresh", "--yes"),
    { name: "of which reading the catalogue", limit: { atMostSeconds: 3 }, run: readWholeCatalog },
  ],
};

function unchanged(name: string, ...args: string[]): Variant {
  return { name, work, run: cdc(...args), figures: () => Promise.resolve(memory()) };
}

function cdc(...args: string[]): Variant["run"] {
  return async ({ postgres }) => {
    last = await runCdc(project.directory, postgres, ...args);
  };
}

/** All that a refresh does more than one that reads nothing: one pass for all resources. */
async function readWholeCatalog({ postgres }: BenchContext): Promise<void> {
  const { host, port, user, password } = postgres;
  const { tables } = await readCatalog({ host, port, user, password, database: DATABASE });
  if (tables.size < LARGE.schemas * LARGE.tables * 2) throw new Error(`only ${tables.size} tables were read`);
}

function empty({ emptyDatabase }: BenchContext): Promise<void> {
  return emptyDatabase(DATABASE);
}

/** The stack's state goes with its database. */
async function emptyWithState(context: BenchContext): Promise<void> {
  await empty(context);
  project.removeState();
}

function runScript(context: BenchContext): Promise<void> {
  return psqlOneTransaction(script(), DATABASE, context);
}

function script(): string {
  return join(project.directory, "all.sql");
}

function figures(): Promise<Figures> {
  const state = stateFile(join(project.directory, "state"));
  const { checkpoint } = JSON.parse(readFileSync(state, "utf8")) as Checkpoint;
  const count = checkpoint.latest.resources.length;
  return Promise.resolve({ ...memory(), resources: count, "KB of state each": statSync(state).size / 1024 / count });
}

interface Checkpoint {
  readonly checkpoint: { readonly latest: { readonly resources: readonly unknown[] } };
}

function stateFile(directory: string): string {
  const stacks = join(directory, ".pulumi", "stacks");
  const found = readdirSync(stacks, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("dev.json"));
  return join(stacks, found ?? "dev.json");
}

function memory(): Figures {
  return { "MB at most": Math.round(last?.peakMb ?? 0) };
}
