/** Ids of messages that came within the window. */
export class Duplicates {
  private readonly seenAt = new Map<string, number>();
  /** When the oldest of them came, or before. */
  private oldest = -Infinity;

  /** Whether the id came before; notes it when not. */
  seen(id: string, now: number, windowMs: number): boolean {
    const before = now - windowMs;
    if (this.oldest <= before) this.forget(before);
    if (this.seenAt.has(id)) return true;
    this.seenAt.set(id, now);
    return false;
  }

  private forget(before: number): void {
    for (const [id, at] of this.seenAt) {
      this.oldest = at;
      if (at > before) return;
      this.seenAt.delete(id);
    }
    this.oldest = -Infinity;
  }
}
