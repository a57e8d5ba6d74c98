import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../test/harness/eventually";
import { LEASE_PLACES, type LeasePlace } from "../../test/harness/lease-places";
import { acquireLease } from "./acquire-lease";
import type { Lease } from "./lease";
import { openLease } from "./open-lease";

const TTL_MS = 15_000;

describe.each(Object.entries(LEASE_PLACES))("leases at %s", (kind, openPlace) => {
  let place: LeasePlace;
  const held: Lease[] = [];
  beforeAll(async () => {
    place = await openPlace();
  });
  afterEach(() => Promise.all(held.splice(0).map((lease) => lease.release())));
  afterAll(() => place.close());

  async function take(name: string, holder: string, more: { waitMs?: number; ttlMs?: number } = {}): Promise<Lease> {
    const lease = await acquireLease(place.open(), name, { holder, ttlMs: TTL_MS, waitMs: 0, ...more });
    held.push(lease);
    return lease;
  }

  test("one has it, the other is told who; given back, the next token is higher", async () => {
    const first = await take("a", "north:1");
    await expect(take("a", "south:2")).rejects.toMatchObject({
      code: "CDC_LEASE_HELD",
      message: "lease a is in use by another process (north:1)",
    });
    expect(first.lost.aborted).toBe(false);
    await first.release();
    await first.release();
    const second = await take("a", "south:2");
    expect(BigInt(second.token)).toBe(BigInt(first.token) + 1n);
    await second.release();
    expect(BigInt((await take("a", "north:1")).token)).toBe(BigInt(second.token) + 1n);
  });

  test("leases of different names have nothing to do with each other", async () => {
    await take("b1", "x");
    await take("b2", "y");
  });

  test("of many at once one gets it", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 6 }, (_, n) => take("c", `x${String(n)}`)));
    const winners = tries.filter(({ status }) => status === "fulfilled");
    const reasons = tries.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code: string }).code] : []));
    expect([winners.length, new Set(reasons)]).toEqual([1, new Set(["CDC_LEASE_HELD"])]);
  });

  test("who waits gets it when it is given back, and tells that it waits once", async () => {
    const first = await take("d", "north:1");
    const told: string[] = [];
    const waiting = acquireLease(place.open(), "d", {
      holder: "south:2",
      ttlMs: TTL_MS,
      onWait: (text) => told.push(text),
    });
    await eventually(() => expect(told).toEqual(["lease d is in use by north:1: waiting for it"]));
    await sleep(400);
    await first.release();
    const second = await waiting;
    held.push(second);
    expect([BigInt(second.token) > BigInt(first.token), told.length]).toEqual([true, 1]);
  });

  test("the waiting ends when it is aborted", async () => {
    await take("e", "north:1");
    const control = new AbortController();
    const waiting = acquireLease(place.open(), "e", { signal: control.signal, ttlMs: TTL_MS });
    control.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("a holder that lost it hears of it at its next renewal, and can't harm the next holder", async () => {
    // The shortest time that Azure allows has the longest pause between renewals: 5 s.
    const first = await take("f", "north:1", { ttlMs: kind === "blob" ? TTL_MS : 1_500 });
    await place.expire("f");
    const second = await take("f", "south:2", { waitMs: 10_000 });
    await eventually(() => expect(first.lost.reason).toMatchObject({ code: "CDC_LEASE_LOST" }));
    await first.release();
    await expect(take("f", "east:3")).rejects.toMatchObject({ code: "CDC_LEASE_HELD" });
    expect([second.lost.aborted, BigInt(second.token) > BigInt(first.token)]).toEqual([false, true]);
  });

  test("it is opened by its settings", async () => {
    const lease = await openLease(place.settings, "g", { directory: place.directory });
    held.push(lease);
    await expect(take("g", "other")).rejects.toMatchObject({ code: "CDC_LEASE_HELD" });
  });
});
