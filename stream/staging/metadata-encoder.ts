import type { EnvelopeMetadata } from "../../model/envelope";
import type { Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import { COPY_NULL } from "../encode/codec";
import { escapeText } from "../encode/text";
import { Rejection, shown } from "../rejection";

const COLUMNS = [
  "__source",
  "__source_db",
  "__source_table",
  "__source_ts_ms",
  "__cdc_operation",
  "__cdc_position",
  "__cdc_unchanged",
] as const;
const ISO_8601 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?(?:Z| ?[+-]\d\d:?\d\d)?$/;
const HAS_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/;

/** Encodes the metadata columns of one table's staged rows. Neighbouring events share most of them. */
export class MetadataEncoder {
  readonly columns: readonly string[] = COLUMNS;
  private readonly database: string;
  private lastDatabase: string | undefined;
  private lastCommitTime: string | undefined;
  /** COPY text of `__source` to `__source_ts_ms`, each followed by a tab. */
  private head: string | undefined;

  constructor(
    private readonly shape: TableShape,
    private readonly origin: string,
  ) {
    this.database = shape.source.database ?? "";
  }

  /** The values in COPY text, tab-separated. */
  encode(metadata: EnvelopeMetadata, position: Position, operation: string, unchanged: string): string | Rejection {
    const { Database, CommitTime } = metadata;
    if (this.head === undefined || Database !== this.lastDatabase || CommitTime !== this.lastCommitTime) {
      const head = this.makeHead(Database, CommitTime);
      if (head instanceof Rejection) return head;
      this.head = head;
      this.lastDatabase = Database;
      this.lastCommitTime = CommitTime;
    }
    return `${this.head}${operation}\t\\\\x${position}\t${unchanged}`;
  }

  private makeHead(database: string | undefined, commitTime: string | undefined): string | Rejection {
    const { source } = this.shape;
    const time = commitTime === undefined ? COPY_NULL : epochMs(commitTime);
    if (time instanceof Rejection) return time;
    return `${originText(source, this.origin, database ?? this.database)}${time}\t`;
  }
}

/** COPY text of `__source`, `__source_db` and `__source_table`, each followed by a tab. */
export function originText({ schema, table }: TableShape["source"], origin: string, database: string): string {
  return [origin, database, `${schema}.${table}`].map((text) => `${textOrNull(text)}\t`).join("");
}

function textOrNull(text: string): string {
  return text === "" ? COPY_NULL : (escapeText(text) ?? COPY_NULL);
}

// SQL Server's own text has no zone: it counts as UTC, whatever the zone of this machine.
function epochMs(text: string): string | Rejection {
  const iso = text.trim().replace(" ", "T").replace(" ", "");
  const time = ISO_8601.test(text.trim())
    ? Date.parse(HAS_ZONE.test(iso) && iso.includes("T") ? iso : utc(iso))
    : Number.NaN;
  return Number.isNaN(time)
    ? new Rejection(`metadata "CommitTime" is ${shown(text)}: ISO 8601 is expected`)
    : String(time);
}

function utc(iso: string): string {
  return iso.includes("T") ? `${iso}Z` : iso.slice(0, 10);
}
