/** What PostgreSQL must print for a value that SQL Server prints as `text`, by the types as declared. */
export function expectedText(text: string, sourceType: string, sinkType: string): string {
  const length = Number(/\((\d+)/.exec(sinkType)?.[1] ?? 0);
  switch (sinkType.replace(/\(.*/, "")) {
    case "boolean":
      return text === "1" ? "t" : "f";
    case "numeric":
      return decimal(text, Number(/,(\d+)\)/.exec(sinkType)?.[1] ?? 0));
    case "uuid":
      return text.toLowerCase();
    case "bytea":
      return `\\x${text.replace(/^0x/, "").toLowerCase()}`;
    case "char":
      return text.padEnd(length);
    case "date":
      return text.slice(0, 10);
    case "time":
    case "timestamp":
      return moment(text, /\(\d+\)/.test(sinkType) ? length : 6);
    case "smallint":
    case "integer":
    case "bigint":
    case "varchar":
    case "text":
    case "xml":
      return text;
    default:
      throw new Error(`the test does not know how ${sourceType} is declared to look as ${sinkType}`);
  }
}

function decimal(text: string, scale: number): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  return `${sign}${whole === "" ? "0" : whole}${scale === 0 ? "" : `.${fraction.padEnd(scale, "0")}`}`;
}

// PostgreSQL leaves out zeros at the end of a fraction of a second.
function moment(text: string, digits: number): string {
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.slice(0, digits).replace(/0+$/, "");
  return kept === "" ? whole : `${whole}.${kept}`;
}
