import type { SourcePlace, SourcePlaces } from "../../config";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { DatabaseCatalog } from "../../databases/sqlserver/catalog/read-catalog";
import type { Context } from "../context";
import { sourceSettingsOf } from "../source-connections";

/** Databases that are read at the same time; each has up to four connections. */
const AT_ONCE = 4;

/** Reads the catalogs of source databases, each database once. */
export class Catalogs {
  private readonly read = new Map<string, Promise<DatabaseCatalog>>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private settings: ReturnType<typeof sourceSettingsOf> | undefined;

  constructor(private readonly context: Context) {}

  /** Throws CdcError when the database can't be read, or it isn't known how to reach it. */
  async of(places: SourcePlaces, place: SourcePlace): Promise<DatabaseCatalog> {
    const { sourceMsSqlConfig } = await import("../../databases/sqlserver/settings");
    // Once: deriving the key that decrypts them takes a while.
    this.settings ??= sourceSettingsOf(this.context);
    const sources = { ...(await this.settings), servers: places.servers };
    const { environment } = places;
    const config = sourceMsSqlConfig({ environment, server: place.server }, place.database, sources);
    const key = JSON.stringify([config.host, config.port, config.user, config.database]);
    const known = this.read.get(key);
    if (known !== undefined) return known;
    const reading = this.inTurn(config);
    this.read.set(key, reading);
    return reading;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const { closePools } = await import("../../databases/sqlserver/pool");
    closePools();
  }

  private async inTurn(config: MsSqlConfig): Promise<DatabaseCatalog> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running += 1;
    try {
      const { readCatalog } = await import("../../databases/sqlserver/catalog/read-catalog");
      return await readCatalog(config, this.context.io.signal);
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }
}
