import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { env } from "node:process";
import { packageRoot } from "../../lib/package-root";

/** `cdc run` in a process of its own, as it would be in use. */
export class DemoRunner {
  private readonly closed: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.closed = once(child, "close");
    // However the demo ends, nobody needs it then.
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    void this.closed.finally(() => process.removeListener("exit", end));
  }

  static start(directory: string): DemoRunner {
    const main = join(packageRoot(), "dist", "cli", "main.js");
    const args = [main, "run", "-s", "dev", "--engine", "built-in", "--json"];
    return new DemoRunner(spawn(process.execPath, args, { cwd: directory, env, stdio: "ignore" }));
  }

  /** SIGKILL: it has no chance to end well. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.closed;
  }

  /** SIGTERM; answers the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    await this.closed;
    return this.child.exitCode;
  }
}

const LONGEST_MS = 40_000;

/** Waits until something holds, for a while. */
export async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end;) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
