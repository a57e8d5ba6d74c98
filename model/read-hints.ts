import type { ColumnHint, HintsConfig, RenameHint } from "./config";
import { within, type Place } from "./problem";

/** `manual_migration_hints` as the JSON Schema lets it through. */
export interface WrittenHints {
  readonly renames?: readonly WrittenRename[] | null;
  readonly not_renamed?: readonly WrittenRename[] | null;
  readonly type_changes?: readonly { readonly column: string; readonly using: string }[] | null;
  readonly set_not_null?: readonly { readonly column: string; readonly pre_sql?: string }[] | null;
}

interface WrittenRename {
  readonly from: string;
  readonly to: string;
}

/** Hints with the places they are written at. */
export function readHints(written: WrittenHints, at: Place): HintsConfig {
  return {
    renames: renames(written.renames, within(at, "renames")),
    notRenamed: renames(written.not_renamed, within(at, "not_renamed")),
    typeChanges: (written.type_changes ?? []).map(({ column, using }, index) => ({
      column,
      sql: using,
      at: within(at, "type_changes", index),
    })),
    setNotNull: (written.set_not_null ?? []).map(({ column, pre_sql: sql }, index): ColumnHint => {
      const hint = { column, at: within(at, "set_not_null", index) };
      return sql === undefined ? hint : { ...hint, sql };
    }),
  };
}

function renames(written: readonly WrittenRename[] | null | undefined, at: Place): RenameHint[] {
  return (written ?? []).map(({ from, to }, index) => ({ from, to, at: within(at, index) }));
}
