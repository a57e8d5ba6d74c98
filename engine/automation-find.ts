import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { env as processEnvironment } from "node:process";

/** A Pulumi CLI on this machine. */
export interface PulumiCli {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Without the leading `v`, such as `3.260.0`. */
  readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ANSWER_WITHIN_MS = 15_000;

/** The Pulumi CLI on PATH, or undefined when there is none or it doesn't answer `pulumi version`. */
export async function findPulumi(env: Environment = processEnvironment): Promise<PulumiCli | undefined> {
  const path = await executableOnPath(env);
  if (path === undefined) return undefined;
  const version = await versionOf(path, env);
  return version === undefined ? undefined : { path, version };
}

async function executableOnPath(env: Environment): Promise<string | undefined> {
  const names = process.platform === "win32" ? ["pulumi.exe", "pulumi.cmd"] : ["pulumi"];
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter((part) => part !== "")) {
    for (const name of names) {
      if (await isExecutable(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function versionOf(path: string, env: Environment): Promise<string | undefined> {
  const options = { timeout: ANSWER_WITHIN_MS, env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" } };
  return new Promise((resolve) => {
    execFile(path, ["version"], options, (error, stdout) => {
      const found = /^v?(\d+\.\d+\.\d+\S*)/.exec(stdout.trim());
      resolve(error === null ? found?.[1] : undefined);
    });
  });
}
