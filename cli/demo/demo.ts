import { env } from "node:process";
import { closePools } from "../../databases/postgres/pool";
import type { PgConfig } from "../../databases/postgres/config";
import { startPostgres, type RunningPostgres } from "../../sandbox/postgres";
import type { Context } from "../context";
import { DemoDatabase } from "./database";
import { Narrator } from "./narrator";
import { build, changeAndLeave, type Stage } from "./story";
import { openWorkspace } from "./workspace";

/** Variables of the user's that would lead the demo away from its own database and project. */
const OTHERS = /^(CDC_|CLINIC_DATABASE$|PG_DEV_|PULUMI_BACKEND_URL$|PULUMI_CONFIG_PASSPHRASE)/;

/** Plays the demo; answers whether every check held. `keep`: leave it running until Ctrl-C instead of taking it away. */
export async function playDemo(context: Context, keep: boolean): Promise<boolean> {
  const workspace = openWorkspace("db-per-tenant");
  const narrator = new Narrator(context, workspace.directory);
  const restore = setAside();
  let postgres: RunningPostgres | undefined;
  try {
    postgres = await narrator.step("PostgreSQL starts, on this machine only", () => start(narrator));
    Object.assign(env, variablesOf(postgres));
    const server: PgConfig = { ...addressOf(postgres), database: "postgres" };
    const database = new DemoDatabase({ ...server, database: "clinic_dev" });
    const stage: Stage = { narrator, database, server, directory: workspace.directory };
    await play(context, stage, keep);
    narrator.end();
    return narrator.fine;
  } finally {
    await closePools();
    await postgres?.stop();
    restore();
    workspace.remove();
  }
}

async function play(context: Context, stage: Stage, keep: boolean): Promise<void> {
  const before = await build(stage);
  if (keep) await waitForInterrupt(context, stage);
  else await changeAndLeave(stage, before);
}

async function start(narrator: Narrator): Promise<RunningPostgres> {
  const postgres = await startPostgres();
  narrator.say(`127.0.0.1:${String(postgres.port)}, gone when the demo ends.`);
  return postgres;
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
    CDC_CAPTURE: "false",
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

async function waitForInterrupt(context: Context, { database, directory }: Stage): Promise<void> {
  const { host, port, user, password, database: name } = database.config;
  const url = `postgresql://${user}:${password ?? ""}@${host}:${String(port)}/${name}`;
  context.io.stdout.write(`\nProject: ${directory}\nDatabase: psql ${url}\nCtrl-C takes both away.\n`);
  await new Promise<void>((resolve) => {
    // A pending promise alone would not keep the process alive.
    const alive = setInterval(() => undefined, 60_000);
    context.io.signal.addEventListener("abort", () => {
      clearInterval(alive);
      resolve();
    });
  });
}
