/** File of a table's schema YAML within its schema's folder; what a file name can't hold is percent-encoded. */
export function schemaFileName(table: string): string {
  return `${table.replace(/[/\\%\0]|^\./g, (character) => encodeURIComponent(character).replace(".", "%2E"))}.yaml`;
}
