import type { FollowOptions } from "./options";

/** Tells what happens while a source is followed. */
export class Teller {
  private readonly told = new Set<string>();

  constructor(readonly log: FollowOptions["log"]) {}

  info(text: string): void {
    this.log("info", text);
  }

  warn(text: string): void {
    this.log("warn", text);
  }

  /** Tells a warning once. */
  warnOnce(text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.warn(text);
  }
}
