/** Ids of messages that came within the window. */
export class Duplicates {
  private readonly seenAt = new Map<string, number>();

  /** Whether the id came before; notes it when not. */
  seen(id: string, now: number, windowMs: number): boolean {
    this.forget(now - windowMs);
    if (this.seenAt.has(id)) return true;
    this.seenAt.set(id, now);
    return false;
  }

  private forget(before: number): void {
    for (const [id, at] of this.seenAt) {
      if (at > before) return;
      this.seenAt.delete(id);
    }
  }
}
