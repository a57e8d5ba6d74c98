import * as fc from "fast-check";
import { acquireLease } from "./acquire-lease";
import type { Grip, Lease, LeaseBackend } from "./lease";

const TTL_MS = 3_000;
const END_MS = 60_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** What the way to the server does with one request after the other. */
interface Weather {
  readonly delays: readonly number[];
  readonly failures: readonly boolean[];
}

/** A holder: when it asks, how long it wants to work, what its requests meet. */
interface Plan extends Weather {
  readonly startMs: number;
  readonly workMs: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  startMs: fc.integer({ min: 0, max: 10_000 }),
  workMs: fc.integer({ min: 0, max: 20_000 }),
  delays: fc.infiniteStream(fc.oneof(fc.constant(5), fc.integer({ min: 0, max: 2 * TTL_MS }))).map(first),
  failures: fc.infiniteStream(fc.nat({ max: 9 }).map((number) => number < 4)).map(first),
});

function first<T>(stream: fc.Stream<T>): readonly T[] {
  return [...stream.take(200)];
}

/** A server that gives a lease away when it wasn't renewed in time by its own clock. */
class Server {
  private owner: { readonly holder: string; readonly token: number; until: number } | undefined;
  private lastToken = 0;

  reach({ delays, failures }: Weather): LeaseBackend {
    let requests = 0;
    const request = async <T>(work: () => T): Promise<T> => {
      const number = requests++;
      const half = (delays[number] ?? 0) / 2;
      await sleep(half);
      const answer = work();
      await sleep(half);
      if (failures[number] === true) throw new Error("the way back was cut");
      return answer;
    };
    const take = (holder: string, ttlMs: number): number | undefined => {
      const now = performance.now();
      if (this.owner !== undefined && this.owner.until > now) return undefined;
      this.owner = { holder, token: (this.lastToken += 1), until: now + ttlMs };
      return this.lastToken;
    };
    const grip = (token: number, ttlMs: number): Grip => ({
      token: String(token),
      renew: () =>
        request(() => {
          const now = performance.now();
          if (this.owner?.token !== token || this.owner.until <= now) return false;
          this.owner.until = now + ttlMs;
          return true;
        }),
      release: () =>
        request(() => {
          if (this.owner?.token === token) this.owner = undefined;
        }).catch(() => undefined),
    });
    return {
      title: "the server",
      runsOut: true,
      take: async (_name, holder, ttlMs) => {
        const token = await request(() => take(holder, ttlMs));
        return token === undefined ? "somebody" : grip(token, ttlMs);
      },
      close: () => Promise.resolve(),
    };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

test("whatever the way to the server does, no two holders believe at a time that they have it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 2, maxLength: 4 }), async (plans) => {
      const server = new Server();
      const working = new Set<Lease>();
      const tokens: number[] = [];
      let most = 0;
      const work = async ({ startMs, workMs, ...weather }: Plan): Promise<void> => {
        await sleep(startMs);
        const lease = await acquireLease(server.reach(weather), "x", { ttlMs: TTL_MS, waitMs: END_MS });
        if (!lease.lost.aborted) {
          tokens.push(Number(lease.token));
          working.add(lease);
          most = Math.max(most, working.size);
          lease.lost.addEventListener("abort", () => working.delete(lease));
        }
        await sleep(workMs);
        working.delete(lease);
        await lease.release();
      };
      const all = Promise.allSettled(plans.map(work));
      // Behind the end whoever is left waits for others, or gives back.
      await jest.advanceTimersByTimeAsync(3 * END_MS);
      await all;
      expect(most).toBeLessThanOrEqual(1);
      expect(tokens).toEqual([...tokens].sort((one, other) => one - other));
      expect(new Set(tokens).size).toBe(tokens.length);
    }),
    { numRuns: 1_000 },
  );
}, 120_000);
