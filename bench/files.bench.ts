import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningPostgres } from "../sandbox/postgres";
import type { Bench, Variant } from "./bench";
import { runCdc } from "./cdc-process";
import { ddlScript, ddlUnits } from "./ddl-script";
import { generateProject, type GeneratedProject } from "./project";
import { psqlOneTransaction } from "./rivals/psql";

const DATABASE = "bench_files";
const TABLES = 170;
const COLUMNS = 25;
const CUSTOMERS = 26;

let many: GeneratedProject;
let one: GeneratedProject;

/** The commands of the files workflow as whole processes, at the size that the earlier tool was measured with. */
export const bench: Bench = {
  name: `files of ${TABLES} tables x ${COLUMNS} columns, ${CUSTOMERS} customers`,
  async setUp({ postgres }) {
    many = generateProject({ schemas: CUSTOMERS, tables: TABLES, columns: COLUMNS }, DATABASE);
    // Whose files the earlier tool could apply: it kept only the last customer's.
    one = generateProject({ schemas: 1, tables: TABLES, columns: COLUMNS }, DATABASE);
    writeFileSync(script(), ddlScript(ddlUnits(one.directory)));
    await runCdc(one.directory, postgres, "migrations", "generate");
  },
  tearDown() {
    many.remove();
    one.remove();
    return Promise.resolve();
  },
  variants: [
    fromEmpty("psql -1 -f of one customer's files", (context) => psqlOneTransaction(script(), DATABASE, context)),
    {
      ...fromEmpty("apply, one customer", ({ postgres }) => cdc(one, postgres, "migrations", "apply")),
      limit: { atMostRatio: 1.2 },
      figures: earlier(2.5),
    },
    {
      name: "apply again, nothing to do",
      limit: { atMostSeconds: 0.3 },
      run: ({ postgres }) => cdc(one, postgres, "migrations", "apply"),
      figures: earlier(0.41),
    },
    {
      name: "generate",
      limit: { atMostSeconds: 1 },
      prepare: forget("migrations", join("generated", "table-definitions")),
      run: ({ postgres }) => cdc(many, postgres, "migrations", "generate"),
      figures: earlier(3.2),
    },
    {
      name: "generate again, nothing changed",
      run: ({ postgres }) => cdc(many, postgres, "migrations", "generate"),
      figures: earlier(3.2),
    },
    {
      name: "diff, nothing changed",
      limit: { atMostSeconds: 0.7 },
      run: ({ postgres }) => cdc(many, postgres, "migrations", "diff"),
      figures: earlier(2.2),
    },
    {
      name: "pipelines generate",
      work: { count: CUSTOMERS * TABLES, unit: "tables" },
      limit: { atMostSeconds: 5 },
      prepare: forget(join("generated", "pipelines")),
      run: ({ postgres }) => cdc(many, postgres, "pipelines", "generate"),
      figures: earlier(140),
    },
  ],
};

function fromEmpty(name: string, run: Variant["run"]): Variant {
  const work = { count: TABLES, unit: "tables" };
  return { name, work, prepare: ({ emptyDatabase }) => emptyDatabase(DATABASE), run };
}

/** What the earlier tool took at best, on a like machine. */
function earlier(seconds: number): NonNullable<Variant["figures"]> {
  return () => Promise.resolve({ "s of the earlier tool": seconds });
}

function forget(...folders: string[]): NonNullable<Variant["prepare"]> {
  return () => {
    for (const folder of folders) rmSync(join(many.directory, folder), { recursive: true, force: true });
    return Promise.resolve();
  };
}

async function cdc({ directory }: GeneratedProject, postgres: RunningPostgres, ...args: string[]): Promise<void> {
  await runCdc(directory, postgres, ...args);
}

function script(): string {
  return join(one.directory, "all.sql");
}
