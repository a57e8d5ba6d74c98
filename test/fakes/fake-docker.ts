import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "../harness/temporary-folder";

/** What the stand-in for docker does. */
export interface FakeDockerPlan {
  /** What `docker pull` fails with. */
  readonly pullFails?: string;
  /** What a container prints for its standard input. */
  readonly run?: string;
}

/** A stand-in for docker on PATH that notes how it was called and remembers what it has pulled. Works where `sh` exists. */
export interface FakeDocker {
  readonly env: Record<string, string>;
  /** Arguments of each call. */
  calls(): string[];
}

/** Puts the stand-in on PATH. */
export function fakeDocker({ pullFails = "", run = "cat" }: FakeDockerPlan = {}): FakeDocker {
  const folder = temporaryFolder("cdc-fake-docker-");
  const log = join(folder, "calls");
  const script = `#!/bin/sh
echo "$*" >> "${log}"
case "$1" in
  image) test -e "${folder}/pulled" ;;
  pull) ${pullFails === "" ? `touch "${folder}/pulled"` : `echo '${pullFails}' >&2; exit 1`} ;;
  run) ${run} ;;
esac
`;
  writeFileSync(join(folder, "docker"), script, { mode: 0o755 });
  const calls = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  return { env: { PATH: [folder, process.env["PATH"] ?? ""].join(delimiter) }, calls };
}
