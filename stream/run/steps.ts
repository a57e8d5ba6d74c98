/**
 * Named points of a stream, in the order in which a source passes them. After each, a process may die without harm:
 * the faults' tests kill it at every one.
 */
export const STREAM_STEPS = [
  /** The source's lease was taken. */
  "leaseTaken",
  /** Position and table states were read from the sink. */
  "stateLoaded",
  /** First start: position and states are written, not yet committed; then committed. */
  "stateRecorded",
  "stateCommitted",
  /** The source was asked what is new. */
  "polled",
  /** A transaction was opened in the sink for a window of changes. */
  "windowOpened",
  /** Per table: its changes are in staging. */
  "copied",
  /** The source was asked again for the start of every capture instance: nothing was cleaned up while we read. */
  "checked",
  /** Per table: merged. */
  "merged",
  /** The position is written, not yet committed. */
  "recorded",
  /** COMMIT was answered. */
  "committed",
  /** Per table, written and committed: it is stopped at its place. */
  "tableStopped",
  /** Per table: it reads another capture instance from now on. */
  "instanceSwitched",
  /** Per table: the rows of a snapshot chunk are copied; merged with the chunk's progress written; committed. */
  "snapshotCopied",
  "snapshotRecorded",
  "snapshotCommitted",
  /** Per table: rows that the snapshot didn't see are deleted, a chunk of them; not yet committed. */
  "snapshotReconciled",
  /** The lease is about to be given back. */
  "closing",
] as const;

/** One of {@link STREAM_STEPS}. */
export type StreamStep = (typeof STREAM_STEPS)[number];
