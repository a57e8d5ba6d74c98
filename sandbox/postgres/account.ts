import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { CdcError } from "../../lib/errors";

/** Ids of the account that the server runs as; empty when it's the caller's own. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root; nothing has to be made when one of these exists. */
const ACCOUNTS = ["postgres", "nobody"];

/** The caller's own account, or an unprivileged one when the caller is root. Throws CDC_SANDBOX_ACCOUNT when there is none. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  for (const name of ACCOUNTS) {
    const account = idsOf(name);
    if (account) return account;
  }
  throw new CdcError("CDC_SANDBOX_ACCOUNT", "PostgreSQL refuses to run as root, and there is no account to run it as", {
    hint: "Make one with `useradd postgres`, or run as an ordinary user.",
  });
}

/** True when every account can enter the folder and all folders above it. */
export function everyoneCanEnter(directory: string): boolean {
  if ((statSync(directory).mode & 0o001) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || everyoneCanEnter(parent);
}

function idsOf(name: string): Account | undefined {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}
