import { Writable } from "node:stream";
import { runTask, type TaskRunOptions, type TaskRunResult } from "../relay";
import { onProcessExit } from "../relay/process-exit";
import { endLeftovers } from "./end-leftovers";
import { RunRecorder } from "./run-recorder";

/** A run that is recorded in the task's folder. */
export interface RecordedRunOptions extends TaskRunOptions {
  readonly directory: string;
  /** In the background: what the output prints goes to the log. */
  readonly detached?: boolean;
}

/**
 * Runs a task and keeps `run.json`, `log.ndjson` and `state.json` in its folder, so that others can see it and stop it.
 * Providers that a killed run has left behind are ended first. Take the task's lease before.
 */
export async function recordRun(options: RecordedRunOptions): Promise<TaskRunResult> {
  const { directory, task, detached = false } = options;
  await endLeftovers(directory);
  const recorder = new RunRecorder(directory, task, detached);
  const forget = onProcessExit((code) => recorder.cutOff(code));
  try {
    const result = await runTask({
      ...options,
      ...(detached ? { stdout: intoLog(recorder) } : {}),
      onEvent: (event) => {
        recorder.take(event);
        options.onEvent?.(event);
      },
    });
    recorder.end(result);
    return result;
  } finally {
    forget();
  }
}

function intoLog(recorder: RunRecorder): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _encoding, done) {
      for (const line of text.toString().trimEnd().split("\n")) recorder.addText(line);
      done();
    },
  });
}
