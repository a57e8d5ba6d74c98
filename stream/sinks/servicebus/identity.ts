import { hash } from "node:crypto";
import { textOf, type Change } from "./change";

/** Service Bus keeps 128 characters of a message's id, and of a session's. */
const MAX_CHARACTERS = 128;

/** A text that Service Bus takes as it is, or a hash of it: it must be neither empty nor longer than it may. */
export function withinLimit(text: string, beginning = "sha256"): string {
  if (text !== "" && text.length <= MAX_CHARACTERS) return text;
  return `${beginning}/${digest(text)}`;
}

/** What nobody else's bytes have, in 43 characters. */
export function digest(content: string | Buffer): string {
  return hash("sha256", content, "base64url");
}

/** Where in the source's history a change is. */
interface Place {
  /** The same each time the change is sent, by whichever process. */
  readonly text: string;
  /** No other change of the table is there, unless it is one of another key. */
  readonly isOwn: boolean;
}

/** Gives the changes of one table their ids: the same change always gets the same one. */
export class ChangeIdentities {
  private lsn = "";
  private count = 0;

  /** @param table database, tenant, schema and table as one text */
  constructor(
    private readonly table: string,
    private readonly run: string,
  ) {}

  /** @param key the key's values as one text; undefined when it isn't known */
  next(change: Change, key: string | undefined): string {
    const copy = change.operation === "Read" ? textOf(change.metadata, "SnapshotId") : undefined;
    // Once in a copy, wherever it is read: what has changed since follows as a change.
    if (copy !== undefined && key !== undefined)
      return withinLimit(`${this.table}/copy ${copy}/${key}`, copy.slice(0, 80));
    const place = this.placeOf(change);
    const content = place.isOwn ? "" : `/${digest(change.line)}`;
    return withinLimit(`${this.table}/${place.text}/${key ?? ""}${content}`, place.text.slice(0, 80));
  }

  private placeOf({ metadata, operation }: Change): Place {
    const position = textOf(metadata, "Position");
    // The rows of a snapshot share its position, and are told apart by their key and content.
    if (position !== undefined) return { text: position.toLowerCase(), isOwn: operation !== "Read" };
    const lsn = textOf(metadata, "LSN") ?? this.run;
    const seqval = textOf(metadata, "SeqVal");
    if (seqval !== undefined) {
      const command = metadata["CommandId"];
      const text = typeof command === "number" ? `${lsn}/${String(command)}/${seqval}` : `${lsn}/${seqval}`;
      return { text: `${text}/${operation}`, isOwn: true };
    }
    return { text: `${lsn}/${operation}/${String(this.placeIn(lsn, operation))}`, isOwn: false };
  }

  // Among the changes of one LSN the place counts; a snapshot may be taken up in its middle, and its rows need none.
  private placeIn(lsn: string, operation: string): number {
    if (operation === "Read" && lsn !== this.run) return 0;
    this.count = lsn === this.lsn ? this.count + 1 : 1;
    this.lsn = lsn;
    return this.count;
  }
}
