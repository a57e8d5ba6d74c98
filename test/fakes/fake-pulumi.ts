import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "../harness/temporary-folder";

/** What the stand-in for the Pulumi CLI does; see pulumi.js beside this file. */
export interface FakePlan {
  readonly version?: string;
  readonly events?: readonly unknown[];
  /** By verb, such as `up` or `stack select`. */
  readonly fail?: Readonly<Record<string, { readonly stderr: string; readonly code: number }>>;
  readonly missingStack?: boolean;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** `up` waits for a signal. */
  readonly hang?: boolean;
}

/** One call that the stand-in got. */
export interface FakeCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Environment that puts the stand-in on PATH, and the calls that it got. Works where `sh` exists. */
export function fakePulumi(plan: FakePlan): { readonly env: Record<string, string>; calls(): FakeCall[] } {
  const folder = temporaryFolder("cdc-fake-pulumi-");
  const log = join(folder, "calls.ndjson");
  const script = `#!/bin/sh\nexec "${process.execPath}" "${join(__dirname, "pulumi.js")}" "$@"\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
  const path = [folder, process.env["PATH"] ?? ""].join(delimiter);
  const calls = () =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .split("\n")
          // A line that is still being written comes with the next look.
          .slice(0, -1)
          .map((line) => JSON.parse(line) as FakeCall)
      : [];
  return { env: { PATH: path, FAKE_PULUMI: JSON.stringify({ ...plan, log }) }, calls };
}
