import { env } from "node:process";
import { closePools } from "../../databases/postgres/pool";
import { closePools as closeSources } from "../../databases/sqlserver/pool";
import type { PgConfig } from "../../databases/postgres/config";
import { startPostgres, type RunningPostgres } from "../../sandbox/postgres";
import type { Context } from "../context";
import { DemoDatabase } from "./database";
import { Narrator } from "./narrator";
import { DemoSource } from "./source";
import type { Stage } from "./stage";
import { build, changeAndLeave } from "./story";
import { stream } from "./streaming";
import { openWorkspace } from "./workspace";

/** Variables of the user's that would lead the demo away from its own database and project. */
const OTHERS = /^(CDC_|CLINIC_DATABASE$|PG_DEV_|MSSQL_|PULUMI_BACKEND_URL$|PULUMI_CONFIG_PASSPHRASE)/;

/** Plays the demo; answers whether every check held. `keep`: leave it running until Ctrl-C instead of taking it away. */
export async function playDemo(context: Context, keep: boolean): Promise<boolean> {
  const workspace = openWorkspace("db-per-tenant");
  const narrator = new Narrator(context, workspace.directory);
  const restore = setAside();
  let postgres: RunningPostgres | undefined;
  let source: DemoSource | undefined;
  try {
    [postgres, source] = await narrator.step(
      "PostgreSQL and a stand-in for SQL Server start, on this machine only",
      () => start(narrator),
    );
    Object.assign(env, variablesOf(postgres), source.variables);
    const server: PgConfig = { ...addressOf(postgres), database: "postgres" };
    const database = new DemoDatabase({ ...server, database: "clinic_dev" });
    await play(context, { narrator, source, database, server, directory: workspace.directory }, keep);
    narrator.end();
    return narrator.fine;
  } finally {
    await closePools();
    closeSources();
    await source?.server.stop();
    await postgres?.stop();
    restore();
    workspace.remove();
  }
}

async function play(context: Context, stage: Stage, keep: boolean): Promise<void> {
  const before = await build(stage);
  const runner = await stream(stage);
  try {
    if (keep) await waitForInterrupt(context, stage);
    else await changeAndLeave(stage, runner, before);
  } finally {
    await runner.kill();
  }
}

async function start(narrator: Narrator): Promise<[RunningPostgres, DemoSource]> {
  const postgres = await startPostgres();
  const source = await DemoSource.open();
  narrator.say(`127.0.0.1:${String(postgres.port)} and :${String(source.server.port)}, gone when the demo ends.`);
  narrator.say("The stand-in speaks SQL Server's protocol and has its change data capture; it is not SQL Server.");
  return [postgres, source];
}

function addressOf({ host, port, user, password }: RunningPostgres): Omit<PgConfig, "database"> {
  return { host, port, user, password };
}

function variablesOf(postgres: RunningPostgres): Record<string, string> {
  return {
    PG_DEV_HOST: postgres.host,
    PG_DEV_PORT: String(postgres.port),
    PG_DEV_USER: postgres.user,
    PG_DEV_PASSWORD: postgres.password,
    PULUMI_CONFIG_PASSPHRASE: "demo",
  };
}

/** Takes the user's own variables out of the way; answers how to put them back. */
function setAside(): () => void {
  const kept = Object.entries(env).filter(([name]) => OTHERS.test(name));
  const clear = () => {
    for (const name of Object.keys(env)) if (OTHERS.test(name)) Reflect.deleteProperty(env, name);
  };
  clear();
  return () => {
    clear();
    Object.assign(env, Object.fromEntries(kept));
  };
}

async function waitForInterrupt(context: Context, { database, directory, source }: Stage): Promise<void> {
  const { host, port, user, password, database: name } = database.config;
  const url = `postgresql://${user}:${password ?? ""}@${host}:${String(port)}/${name}`;
  const { port: sourcePort, password: sourcePassword } = source.server;
  const change = `cdc sandbox sql <file> --port ${String(sourcePort)} --password ${sourcePassword}`;
  context.io.stdout.write(
    `\nProject: ${directory}\nDatabase: psql ${url}\nSource: ${source.server.url}\nChange rows: ${change}\n` +
      "`cdc run` streams. Ctrl-C takes all away.\n",
  );
  await new Promise<void>((resolve) => {
    // A pending promise alone would not keep the process alive.
    const alive = setInterval(() => undefined, 60_000);
    context.io.signal.addEventListener("abort", () => {
      clearInterval(alive);
      resolve();
    });
  });
}
