/** Modes of an application lock. */
export const LOCK_MODES = ["IntentShared", "Shared", "Update", "IntentExclusive", "Exclusive"] as const;

/** One of {@link LOCK_MODES}. */
export type LockMode = (typeof LOCK_MODES)[number];

/** Who owns a lock: a session as such, or the transaction that it has open. */
export interface LockOwner {
  readonly session: number;
  readonly kind: "Session" | "Transaction";
}

const COMPATIBLE: Readonly<Record<LockMode, readonly LockMode[]>> = {
  IntentShared: ["IntentShared", "Shared", "Update", "IntentExclusive"],
  Shared: ["IntentShared", "Shared", "Update"],
  Update: ["IntentShared", "Shared"],
  IntentExclusive: ["IntentShared", "IntentExclusive"],
  Exclusive: [],
};

interface Grant {
  readonly owner: LockOwner;
  readonly modes: Set<LockMode>;
  /** It takes as many releases. */
  count: number;
}

/** A request that has to wait. */
export interface LockRequest {
  readonly resource: string;
  readonly owner: LockOwner;
  readonly mode: LockMode;
  isGranted: boolean;
  /** Told when it is granted. */
  granted: () => void;
}

interface Resource {
  readonly grants: Grant[];
  readonly queue: LockRequest[];
}

/** Application locks of all databases: `sp_getapplock` and its like. */
export class AppLocks {
  private readonly resources = new Map<string, Resource>();

  /** Grants at once, or puts the request in the queue. */
  request(resource: string, owner: LockOwner, mode: LockMode): LockRequest {
    const found = this.resources.get(resource) ?? { grants: [], queue: [] };
    this.resources.set(resource, found);
    const request: LockRequest = { resource, owner, mode, isGranted: false, granted: () => undefined };
    const holds = found.grants.some((grant) => isSameOwner(grant.owner, owner));
    if (isFree(found, request) && (holds || found.queue.length === 0)) grant(found, request);
    else found.queue.push(request);
    return request;
  }

  /** Takes a request out of the queue. */
  cancel(request: LockRequest): void {
    const found = this.resources.get(request.resource);
    const at = found?.queue.indexOf(request) ?? -1;
    if (found === undefined || at < 0) return;
    found.queue.splice(at, 1);
    this.serve(request.resource, found);
  }

  /** Whether the request waits for somebody who waits for its own session. */
  isInCircle(request: LockRequest): boolean {
    const seen = new Set<number>();
    const waitsFor = (session: number): boolean =>
      [...this.resources.values()].some(({ grants, queue }) =>
        queue
          .filter((one) => one.owner.session === session)
          .some((one) =>
            blockers(grants, one).some((blocker) => {
              if (blocker === request.owner.session) return true;
              if (seen.has(blocker)) return false;
              seen.add(blocker);
              return waitsFor(blocker);
            }),
          ),
      );
    return waitsFor(request.owner.session);
  }

  /** Gives up one acquisition; false when the owner has none. */
  release(resource: string, owner: LockOwner): boolean {
    const found = this.resources.get(resource);
    const own = found?.grants.find((one) => isSameOwner(one.owner, owner));
    if (found === undefined || own === undefined) return false;
    own.count -= 1;
    if (own.count === 0) this.drop(resource, found, own);
    return true;
  }

  /** Everything that an owner has or waits for. */
  releaseAll(owner: LockOwner): void {
    for (const [resource, found] of [...this.resources]) {
      for (const request of found.queue.filter((one) => isSameOwner(one.owner, owner))) this.cancel(request);
      const own = found.grants.find((one) => isSameOwner(one.owner, owner));
      if (own !== undefined) this.drop(resource, found, own);
    }
  }

  /** Name of the mode in which the owner has it, as APPLOCK_MODE spells it. */
  modeOf(resource: string, owner: LockOwner): string {
    const modes = this.resources.get(resource)?.grants.find((one) => isSameOwner(one.owner, owner))?.modes;
    if (modes === undefined) return "NoLock";
    if (modes.has("Exclusive")) return "Exclusive";
    const intent = modes.has("IntentExclusive") ? "IntentExclusive" : "";
    if (modes.has("Update")) return `Update${intent}`;
    if (modes.has("Shared")) return `Shared${intent}`;
    return intent === "" ? "IntentShared" : intent;
  }

  /** Whether the owner would get it at once. */
  wouldGrant(resource: string, owner: LockOwner, mode: LockMode): boolean {
    const grants = this.resources.get(resource)?.grants ?? [];
    return blockers(grants, { owner, mode }).length === 0;
  }

  private drop(resource: string, found: Resource, grant: Grant): void {
    found.grants.splice(found.grants.indexOf(grant), 1);
    this.serve(resource, found);
  }

  private serve(resource: string, found: Resource): void {
    for (let next = found.queue[0]; next !== undefined && isFree(found, next); next = found.queue[0]) {
      found.queue.shift();
      grant(found, next);
      next.granted();
    }
    if (found.grants.length === 0 && found.queue.length === 0) this.resources.delete(resource);
  }
}

function grant(resource: Resource, request: LockRequest): void {
  const own = resource.grants.find((one) => isSameOwner(one.owner, request.owner));
  request.isGranted = true;
  if (own === undefined) resource.grants.push({ owner: request.owner, modes: new Set([request.mode]), count: 1 });
  else {
    own.modes.add(request.mode);
    own.count += 1;
  }
}

function isFree({ grants }: Resource, request: LockRequest): boolean {
  return blockers(grants, request).length === 0;
}

/** Sessions whose locks the request has to wait for. */
function blockers(grants: readonly Grant[], { owner, mode }: Pick<LockRequest, "owner" | "mode">): number[] {
  return grants
    .filter((one) => one.owner.session !== owner.session)
    .filter(({ modes }) => [...modes].some((held) => !COMPATIBLE[mode].includes(held)))
    .map((one) => one.owner.session);
}

function isSameOwner(one: LockOwner, other: LockOwner): boolean {
  return one.session === other.session && one.kind === other.kind;
}
