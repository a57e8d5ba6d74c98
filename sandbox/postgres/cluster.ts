import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { CdcError } from "../../lib/errors";
import { everyoneCanEnter, type Account } from "./account";
import type { Binaries } from "./binaries";

/** What the sandbox keeps in its folder: the cluster, the superuser's password and the server's log. */
export interface Cluster {
  readonly directory: string;
  /** PGDATA. */
  readonly files: string;
  readonly user: string;
  readonly password: string;
  readonly log: string;
}

/** Environment of PostgreSQL's programs: nothing of the caller's settings (PGDATA, LANG) may reach them. */
export const SERVER_ENVIRONMENT = {
  PATH: process.env["PATH"],
  LC_ALL: "C",
  TZ: "UTC",
  SystemRoot: process.env["SystemRoot"],
};

/** First version that has locales of its own. */
const BUILTIN_LOCALES = 17;

/** Opens the cluster in the folder, made by initdb when it isn't there. */
export async function openCluster(folder: string, binaries: Binaries, account: Account): Promise<Cluster> {
  const directory = resolve(folder);
  const cluster = {
    directory,
    files: join(directory, "cluster"),
    user: "postgres",
    log: join(directory, "postgres.log"),
  };
  const passwordFile = join(directory, "password");
  if (existsSync(join(cluster.files, "PG_VERSION"))) {
    return { ...cluster, password: readFileSync(passwordFile, "utf8").trim() };
  }
  const password = randomBytes(18).toString("base64url");
  makeDirectory(directory, account);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  own(passwordFile, account);
  await initialise(cluster.files, cluster.user, passwordFile, binaries, account);
  return { ...cluster, password };
}

function makeDirectory(directory: string, account: Account): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  own(directory, account);
  if (account.uid === undefined || everyoneCanEnter(dirname(directory))) return;
  throw new CdcError("CDC_SANDBOX_POSTGRES", `PostgreSQL, which doesn't run as root, can't enter ${directory}`, {
    hint: "Choose a folder whose parents every account can enter, or run as an ordinary user.",
  });
}

function own(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

async function initialise(files: string, user: string, passwordFile: string, binaries: Binaries, account: Account) {
  const flags = [
    `--pgdata=${files}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    "--auth-host=scram-sha-256",
    "--auth-local=reject",
    "--encoding=UTF8",
    ...(binaries.major >= BUILTIN_LOCALES ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : ["--locale=C"]),
    "--no-sync",
    "--no-instructions",
  ];
  try {
    await promisify(execFile)(binaries.initdb, flags, { ...account, cwd: "/", env: SERVER_ENVIRONMENT });
  } catch (cause) {
    const reason = (cause as { stderr?: string }).stderr?.trim() ?? String(cause);
    throw new CdcError("CDC_SANDBOX_POSTGRES", `initdb could not make a cluster in ${files}: ${reason}`, { cause });
  }
}
