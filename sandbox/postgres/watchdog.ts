import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Cluster } from "./cluster";

/**
 * Waits for the pipe from this process to close, which the kernel does even after kill -9; then stops the
 * server and removes what is temporary. A line on the pipe means that this process has seen to it.
 */
const SCRIPT = `
if read -r _; then exit 0; fi
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -INT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -QUIT "$pid" 2>/dev/null
fi
if [ -n "$2" ]; then rm -rf "$2"; fi
`;

/** Something to call when the server was stopped in an orderly way. */
export type Release = () => void;

/**
 * Sees to it that neither a server nor a temporary folder outlives this process, however it ends.
 * No signal handlers: the caller's own stay as they are.
 */
export function watch(cluster: Pick<Cluster, "files" | "directory">, temporary: boolean): Release {
  // Windows has no sh: an ordinary exit is seen by stopAtExit, a kill leaves the server running.
  if (process.platform === "win32") return () => undefined;
  const arguments_ = ["-c", SCRIPT, "sh", cluster.files, temporary ? cluster.directory : ""];
  const watchdog = spawn("/bin/sh", arguments_, { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" });
  watchdog.on("error", () => undefined);
  watchdog.stdin.on("error", () => undefined);
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return () => watchdog.stdin.end("released\n");
}

/** Stops the server when this process exits, where there is no watchdog. */
export function stopAtExit(server: ChildProcess): void {
  if (process.platform !== "win32") return;
  process.once("exit", () => server.kill());
}
