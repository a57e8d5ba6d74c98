import { setFlagsFromString } from "node:v8";
import type { RunKind } from "../../stack";
import { checkExit, startProgram } from "../processes/program";
import { serve } from "../protocol/services";
import type { ResourceState } from "../state/resource-state";
import { deleteAll } from "./deletes";
import { Monitor } from "./monitor";
import { Providers } from "./providers";
import { refreshAll } from "./refresh";
import { Registrar } from "./registrar";
import type { Run } from "./run";
import { Steps } from "./steps";

/** Does one run: refresh, program and deletes, as its kind asks. Failures are recorded in the run, not thrown. */
export async function deploy(run: Run, kind: RunKind, refreshFirst: boolean): Promise<void> {
  // As in the children: a machine with much memory would let garbage pile up for hundreds of megabytes.
  setFlagsFromString("--heap-growing-percent=30");
  let registrar: Registrar | undefined;
  let steps: Steps | undefined;
  const needed = <T>(value: T | undefined): T => value as T;
  const monitor = new Monitor(
    run,
    () => needed(registrar),
    () => needed(steps),
  );
  const server = await serve(monitor.services());
  const olds = new Map(run.snapshot.remaining.map((state) => [state.urn, state]));
  const providers = new Providers(run, server.address, olds);
  try {
    if (refreshFirst || kind === "refresh") await refreshAll(run, providers, kind === "refresh");
    run.checkGoing();
    if (kind === "destroy") await deleteRemaining(run, providers);
    if (kind !== "preview" && kind !== "up") return;
    registrar = new Registrar(run);
    steps = new Steps(run, registrar, providers);
    providers.warm();
    await runProgram(run, server.address, monitor);
    if (!run.stopping) registrar.settleUntoldOutputs();
    if (run.failures.length === 0 && !run.stopping) await deleteRemaining(run, providers);
  } catch (error) {
    run.fail(error);
  } finally {
    await run.whenIdle();
    server.close();
    await providers.close();
  }
}

/** Runs the program to its end, or until the run stops. */
async function runProgram(run: Run, address: string, monitor: Monitor): Promise<void> {
  const { project, stack, config, parallel, preview, reporter } = run;
  const program = startProgram({
    ...{ project, stack, config, parallel, preview, address },
    onOutput: (line) => reporter.note("info", line),
    onError: (line) => {
      if (!run.stopping) reporter.note("info", line);
    },
  });
  const stopped = run.whenStopping().then(() => run.whenIdle());
  await Promise.race([program.exited, stopped]);
  if (run.stopping) {
    program.stop();
    return;
  }
  const { code, signal } = await program.exited;
  checkExit(code, signal, program.lastErrors(), monitor.loggedError);
}

/** Deletes what is in the state and was not registered. */
async function deleteRemaining(run: Run, providers: Providers): Promise<void> {
  const doomed: ResourceState[] = run.snapshot.remaining.filter((state) => run.includes(state.urn));
  await deleteAll(run, providers, doomed);
}
