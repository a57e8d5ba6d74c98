/** Batches of a T-SQL script, as `sqlcmd` separates them: by lines that say GO. */
export function sqlBatches(script: string): string[] {
  return script.split(/^[ \t]*GO[ \t]*;?[ \t]*\r?$/im).filter((batch) => batch.trim() !== "");
}
