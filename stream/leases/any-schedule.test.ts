import * as fc from "fast-check";
import { closePools } from "../../databases/postgres/pool";
import { LEASE_PLACES, type LeasePlace } from "../../test/harness/lease-places";
import type { Grip, LeaseBackend } from "./lease";

const TTL_MS = 60_000;
const HOLDERS = 3;

/** What a holder does, or what happens to whoever has the lease. */
type Step =
  | { readonly kind: "take" | "renew" | "release" | "write"; readonly who: number }
  /** Several ask at once. */
  | { readonly kind: "rush" }
  /** It passes on though its holder has not let go: paused, or cut off, for too long. */
  | { readonly kind: "lose" };

const who = fc.nat({ max: HOLDERS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: who.map((one) => ({ kind: "take" as const, who: one })) },
  { weight: 3, arbitrary: who.map((one) => ({ kind: "renew" as const, who: one })) },
  { weight: 2, arbitrary: who.map((one) => ({ kind: "release" as const, who: one })) },
  { weight: 3, arbitrary: who.map((one) => ({ kind: "write" as const, who: one })) },
  { weight: 1, arbitrary: fc.constant({ kind: "rush" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "lose" as const }) },
);

interface Holder {
  readonly name: string;
  readonly backend: LeaseBackend;
  grip: Grip | undefined;
}

/** One lease as a test knows it: who may have it, and what a sink has seen of its tokens. */
class Schedule {
  private readonly holders: readonly Holder[];
  /** Who took it last, unless it was given back. */
  private last: Holder | undefined;
  private isLost = false;
  private highest = 0n;
  private seenBySink = 0n;

  constructor(
    private readonly kind: keyof typeof LEASE_PLACES,
    private readonly place: LeasePlace,
    private readonly lease: string,
  ) {
    this.holders = Array.from({ length: HOLDERS }, (_, number) => {
      return { name: `h${String(number)}`, backend: place.open(), grip: undefined };
    });
  }

  async play(step: Step): Promise<void> {
    if (step.kind === "lose") return this.lose();
    if (step.kind === "rush") return this.rush();
    const holder = this.holders[step.who] as Holder;
    if (step.kind === "take") return this.took(holder, await this.ask(holder));
    if (holder.grip === undefined) return;
    if (step.kind === "renew") return this.renew(holder, holder.grip);
    if (step.kind === "release") return this.release(holder, holder.grip);
    this.write(holder, holder.grip);
  }

  async end(): Promise<void> {
    for (const { grip, backend } of this.holders) {
      await grip?.release();
      await backend.close();
    }
  }

  private get isFree(): boolean {
    return this.last === undefined || this.isLost;
  }

  private async ask({ backend, name, grip }: Holder): Promise<Grip | string | undefined> {
    if (grip !== undefined) return undefined;
    for (;;) {
      const found = await backend.take(this.lease, name, TTL_MS);
      if (typeof found !== "string" || !this.isEnding) return found;
    }
  }

  /** SQL Server has it until it knows that the session of the last one has ended. */
  private get isEnding(): boolean {
    return this.kind === "sqlserver" && this.last === undefined && this.highest > 0n;
  }

  private took(holder: Holder, found: Grip | string | undefined): void {
    if (found === undefined) return;
    expect(typeof found === "string").toBe(!this.isFree);
    if (typeof found === "string") return;
    expect(BigInt(found.token)).toBeGreaterThan(this.highest);
    this.highest = BigInt(found.token);
    Object.assign(this, { last: holder, isLost: false });
    holder.grip = found;
  }

  private async rush(): Promise<void> {
    if (this.isEnding) return;
    const answers = await Promise.all(this.holders.map((holder) => this.ask(holder)));
    const asked = answers.filter((found) => found !== undefined);
    const winners = this.holders.filter((_, index) => typeof (answers[index] ?? "") !== "string");
    expect(winners).toHaveLength(this.isFree && asked.length > 0 ? 1 : 0);
    for (const winner of winners) {
      this.took(winner, answers[this.holders.indexOf(winner)]);
      // Those that came too late have not harmed it.
      if (winner.grip !== undefined) await this.renew(winner, winner.grip);
    }
  }

  private async renew(holder: Holder, grip: Grip): Promise<void> {
    const isKept = await grip.renew();
    if (this.last !== holder) expect(isKept).toBe(false);
    else if (!this.isLost) expect(isKept).toBe(true);
    if (isKept) {
      // Nobody has had it meanwhile: it is its own again. A claim of a process that has ended stays one.
      this.isLost &&= this.kind === "file";
    } else {
      holder.grip = undefined;
      await grip.release();
      if (this.last === holder) this.last = undefined;
    }
  }

  /** Whoever lost it and doesn't know must not take it from the next one. */
  private async release(holder: Holder, grip: Grip): Promise<void> {
    await grip.release();
    holder.grip = undefined;
    if (this.last === holder) this.last = undefined;
  }

  private async lose(): Promise<void> {
    if (this.isFree) return;
    await this.place.expire(this.lease);
    this.isLost = true;
  }

  /** A sink takes nothing of a lower token than it has seen: of two that write, only the newest holder can. */
  private write(holder: Holder, { token }: Grip): void {
    const isTaken = BigInt(token) >= this.seenBySink;
    if (isTaken) this.seenBySink = BigInt(token);
    if (this.last === holder) expect(isTaken).toBe(true);
    else expect(BigInt(token)).toBeLessThan(this.highest);
  }
}

describe.each([
  ["file", 60],
  ["postgres", 60],
  ["sqlserver", 30],
  ["blob", 15],
] as const)("any schedule of leases at %s", (kind, numRuns) => {
  let place: LeasePlace;
  let leases = 0;
  beforeAll(async () => {
    place = await LEASE_PLACES[kind]();
  });
  afterAll(async () => {
    await closePools();
    await place.close();
  });

  test("never has two that may write, and tokens that only grow", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const schedule = new Schedule(kind, place, `s${String((leases += 1))}`);
        try {
          for (const one of steps) await schedule.play(one);
        } finally {
          await schedule.end();
        }
      }),
      { numRuns },
    );
  });
});
