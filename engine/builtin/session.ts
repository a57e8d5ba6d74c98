import { env as processEnvironment } from "node:process";
import { CdcError } from "../../lib/errors";
import type { RunKind, RunOptions, RunResult } from "../stack";
import { deploy } from "./deploy/deployment";
import { Reporter } from "./deploy/reporter";
import { Run } from "./deploy/run";
import { PassphraseVault } from "./passphrase";
import type { Project } from "./project";
import { formatCheckpoint, pendingOperations, readResources, stateSalt } from "./state/checkpoint";
import { lockStack } from "./state/lock";
import { Snapshot } from "./state/snapshot";
import type { StackStore, Stored } from "./state/store";
import { readConfig, readStackFile, writeSalt, type ConfigEntry, type StackFile } from "./stack-config";

const defaultParallel = 16;
const syncIntervalMs = 1_000;

/** One stack and where its parts are. */
export interface StackPlace {
  readonly project: Project;
  readonly stack: string;
  readonly store: StackStore;
}

/** A stack as found: its secrets, its configuration, its resources. */
export interface Opened {
  readonly file: StackFile;
  readonly vault: PassphraseVault;
  readonly stored: Stored;
}

/** Reads a stack. Throws `CdcError` when its files are damaged. */
export function open({ project, stack, store }: StackPlace): Opened {
  const file = readStackFile(project, stack);
  const stored = store.load();
  const state = stored.deployment === undefined ? undefined : stateSalt(stored.deployment, store.file);
  const vault = new PassphraseVault({ config: file.salt, state }, processEnvironment, (salt) =>
    writeSalt(file.path, salt),
  );
  return { file, vault, stored };
}

/** The resources of a stack, with what an interrupted run had done. */
export function recover({ stored, vault }: Opened, note: (text: string) => void): Snapshot {
  const base = stored.deployment === undefined ? [] : readResources(stored.deployment, vault);
  const { recovered } = stored;
  const snapshot = new Snapshot(base, vault);
  if (recovered?.stale === true) {
    note("An interrupted run left a journal, but the state was written since: the journal is ignored.");
  } else if (recovered !== undefined) {
    snapshot.replay(recovered.entries);
    note(`An earlier run was interrupted: ${recovered.entries.length} changes it had made were recovered.`);
  }
  for (const { type, urn } of stored.deployment === undefined ? [] : pendingOperations(stored.deployment)) {
    note(`An earlier run was interrupted while ${type} ${urn}: it is looked at again.`);
  }
  return snapshot;
}

/** Does one run on a stack: locks it, deploys, saves. Throws `CdcError` when the run does not succeed. */
export async function perform(place: StackPlace, kind: RunKind, options: RunOptions): Promise<RunResult> {
  const notes: string[] = [];
  const preview = kind === "preview";
  const lock = preview ? undefined : await lockStack(place.store.lockDirectory, (text) => notes.push(text));
  try {
    const opened = open(place);
    const config = readConfig(place.project, opened.file, opened.vault);
    return await new Session(place, kind, options, opened, config, notes).perform();
  } finally {
    lock?.release();
  }
}

class Session {
  private readonly reporter: Reporter;

  constructor(
    private readonly place: StackPlace,
    private readonly kind: RunKind,
    private readonly options: RunOptions,
    private readonly opened: Opened,
    private readonly config: readonly ConfigEntry[],
    private readonly notes: string[],
  ) {
    const secrets = config.filter((entry) => entry.secret).map((entry) => entry.text);
    this.reporter = new Reporter(options.onEvent, secrets);
  }

  async perform(): Promise<RunResult> {
    const { kind, reporter, options } = this;
    const snapshot = this.snapshot();
    const run = this.run(snapshot);
    reporter.start(kind, this.place.stack, snapshot.remaining.length);
    for (const text of this.notes) reporter.note("info", text);
    const cancel = (): void => run.cancel();
    if (options.signal?.aborted) cancel();
    options.signal?.addEventListener("abort", cancel);
    try {
      if (!run.stopping) await deploy(run, kind, options.refresh ?? false);
    } finally {
      options.signal?.removeEventListener("abort", cancel);
      this.save(run, snapshot);
    }
    const result = reporter.end(run.outputs);
    run.throwIfFailed(kind);
    if (options.expectNoChanges && result.changed) throw unexpectedChanges(kind, this.place.stack);
    return result;
  }

  private journal: ReturnType<StackStore["journal"]> | undefined;
  private syncing: NodeJS.Timeout | undefined;

  /** The state to work on; changes of a preview stay in memory. */
  private snapshot(): Snapshot {
    const { opened, place, kind } = this;
    const recovered = recover(opened, (text) => this.notes.push(text));
    const resources = recovered.resources();
    if (kind === "preview") return new Snapshot(resources, opened.vault);
    let { hash } = opened.stored;
    if (recovered.dirty || opened.stored.recovered?.stale === true || hash === "") {
      place.store.save(formatCheckpoint(place.project.name, place.stack, resources, opened.vault));
      hash = place.store.load().hash;
    }
    const journal = place.store.journal(hash);
    this.journal = journal;
    this.syncing = setInterval(() => journal.sync(), syncIntervalMs);
    return new Snapshot(resources, opened.vault, journal);
  }

  private run(snapshot: Snapshot): Run {
    const { place, config, reporter, kind, options } = this;
    const parallel = Math.max(1, options.parallel ?? defaultParallel);
    const { project, stack } = place;
    return new Run(project, stack, config, snapshot, reporter, kind === "preview", parallel, options.targets);
  }

  private save(run: Run, snapshot: Snapshot): void {
    clearInterval(this.syncing);
    this.journal?.close(false);
    if (this.kind === "preview" || !snapshot.dirty) return;
    const { project, stack, store } = this.place;
    try {
      store.save(formatCheckpoint(project.name, stack, snapshot.resources(), this.opened.vault));
    } catch (error) {
      run.fail(error);
    }
  }
}

function unexpectedChanges(kind: RunKind, stack: string): CdcError {
  return new CdcError("CDC_CHANGES_FOUND", `${kind} of ${stack} found changes, and none were expected`, {
    hint: "Run a preview to see them.",
  });
}
