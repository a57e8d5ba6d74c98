import type { State } from "../protocol/messages";
import { ProtocolError } from "../protocol/protocol-error";
import type { StateStore } from "./state-store";

/** More states than this don't wait: some are dropped, which only means to go on from a little earlier. */
const MOST_WAITING = 10_000;

/** What an input is told. */
export interface Told {
  /** Lines that are confirmed. */
  readonly count: number;
  /** States that are stored, or older than one that is. */
  readonly states: number;
}

/** A state, and its number among those of this run. */
interface NumberedState extends State {
  readonly number: number;
}

/** What follows when the output confirms lines: first the input's state is stored, then the input is told. */
export class Confirmations {
  private readonly waiting: NumberedState[] = [];
  private confirmed = 0;
  private states = 0;
  private told: Told = { count: 0, states: 0 };
  private working: Promise<void> | undefined;

  /**
   * @param store where states go
   * @param tell called with the number of confirmed lines, once their state is stored; and when only a state was
   */
  constructor(
    private readonly store: StateStore,
    private readonly tell: (told: Told) => void,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** Lines that the output has confirmed. */
  get count(): number {
    return this.confirmed;
  }

  /** The input asks to store a state once the lines before it are confirmed. */
  addState(state: State, lines: number): void {
    const last = this.waiting.at(-1)?.count ?? 0;
    if (state.count > lines) throw new ProtocolError(`a state is that of line ${state.count}, and there were ${lines}`);
    if (state.count < last)
      throw new ProtocolError(`a state is that of line ${state.count}, after one of line ${last}`);
    this.states += 1;
    this.waiting.push({ ...state, number: this.states });
    if (this.waiting.length > MOST_WAITING) this.thinOut();
    // Nothing may come after it that would confirm anything.
    if (state.count <= this.confirmed) this.work();
  }

  /** The output has confirmed lines. */
  confirm(count: number): void {
    if (count < this.confirmed) throw new ProtocolError(`${count} lines are confirmed, after ${this.confirmed}`);
    this.confirmed = count;
    this.work();
  }

  /** Resolves when all that was confirmed so far is stored and told. */
  async settled(): Promise<void> {
    while (this.working !== undefined) await this.working;
  }

  private work(): void {
    this.working ??= this.storeAndTell().then(
      () => {
        this.working = undefined;
        // What came after the last look, and before this.
        if (this.hasWork()) this.work();
      },
      (error: unknown) => {
        this.working = undefined;
        this.fail(error);
      },
    );
  }

  // Confirmations that come while a state is being stored are taken together.
  private async storeAndTell(): Promise<void> {
    while (this.hasWork()) {
      const count = this.confirmed;
      const state = this.newestUpTo(count);
      if (state !== undefined) await this.store.write(state.state);
      this.told = { count, states: state?.number ?? this.told.states };
      this.tell(this.told);
    }
  }

  private hasWork(): boolean {
    return (
      this.confirmed > this.told.count || (this.waiting[0] !== undefined && this.waiting[0].count <= this.confirmed)
    );
  }

  private newestUpTo(count: number): NumberedState | undefined {
    let newest: NumberedState | undefined;
    let passed = 0;
    for (const state of this.waiting) {
      if (state.count > count) break;
      newest = state;
      passed += 1;
    }
    this.waiting.splice(0, passed);
    return newest;
  }

  /** Drops every second one, but never the newest. */
  private thinOut(): void {
    const kept = this.waiting.filter((_, index) => (this.waiting.length - index) % 2 === 1);
    this.waiting.splice(0, this.waiting.length, ...kept);
  }
}
