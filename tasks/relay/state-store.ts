/** Keeps what an input wants back at its next start. */
export interface StateStore {
  /** The stored state; undefined when there is none. */
  read(): Promise<unknown>;
  /** Resolves when the state is kept. */
  write(state: unknown): Promise<void>;
}

/** Keeps the state as long as this process lives. */
export class MemoryState implements StateStore {
  private state: unknown;

  read(): Promise<unknown> {
    return Promise.resolve(this.state);
  }

  write(state: unknown): Promise<void> {
    this.state = state;
    return Promise.resolve();
  }
}
