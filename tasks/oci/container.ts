import { spawn } from "node:child_process";
import { CdcError } from "../../lib/errors";
import type { Environment } from "./registry/credentials";

/** How docker is called. */
export interface ContainerOptions {
  readonly env: Environment;
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what docker says while it pulls. */
  readonly note?: ((line: string) => void) | undefined;
}

/** A program and its arguments. */
export interface ContainerCommand {
  readonly file: string;
  readonly args: readonly string[];
}

const DOCKER = "docker";

/**
 * How a container image is started as a provider: its stdin and stdout are docker's. The image is pulled first, so that
 * the time that takes is none of the provider's. Throws CdcError (CDC_DOCKER) when docker isn't there or fails.
 */
export async function containerCommand(image: string, options: ContainerOptions): Promise<ContainerCommand> {
  const isThere = (await docker(["image", "inspect", "--format", "{{.Id}}", image], options)).code === 0;
  if (!isThere) await pull(image, options);
  // --init: a program that is process 1 doesn't hear SIGTERM unless it asks for it.
  return { file: DOCKER, args: ["run", "--rm", "--interactive", "--init", image] };
}

async function pull(image: string, options: ContainerOptions): Promise<void> {
  if (options.offline === true)
    throw new CdcError("CDC_PROVIDER_OFFLINE", `docker doesn't have ${image}`, {
      hint: "Pull it once without --offline.",
    });
  options.note?.(`docker pull ${image}`);
  const { code, words } = await docker(["pull", "--quiet", image], options);
  if (code === 0) return;
  throw new CdcError("CDC_DOCKER", `docker can't pull ${image}: ${words}`, {
    hint: "Check that the docker daemon runs, and that `docker login` was done for a private image.",
  });
}

interface Ended {
  readonly code: number;
  readonly words: string;
}

function docker(args: readonly string[], { env, signal }: ContainerOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(DOCKER, args, {
      env: { ...env },
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-1000)));
    child.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? noDocker() : error));
    child.once("close", (code) => resolve({ code: code ?? 1, words: words.trim() }));
  });
}

function noDocker(): CdcError {
  return new CdcError("CDC_DOCKER", "this provider is a container image, and docker isn't on PATH", {
    hint: "Install docker, or use a provider that was pushed with `cdc providers push`: it runs as a process.",
  });
}
