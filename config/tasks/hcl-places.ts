import { positionAt, type Position } from "../yaml-locator";
import { scanHcl, type HclToken } from "./hcl-scan";

/** Keys as hcl2json nests them: `["task", "mssql-to-asb", 0, "input", 0, "provider"]`; a block has a number for each time. */
export type HclPath = readonly (string | number)[];

/** Where things are in an HCL text, which hcl2json doesn't tell. */
export class HclPlaces {
  private readonly offsets = new Map<string, number>();
  private readonly blocks = new Set<string>();
  private readonly tokens: readonly HclToken[];
  private next = 0;

  constructor(private readonly text: string) {
    this.tokens = scanHcl(text);
    while (this.next < this.tokens.length) this.readBody([]);
  }

  /** Line and column of a path, or of the nearest one above it that is there. */
  positionOf(path: HclPath): Position {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = this.offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return positionAt(this.text, offset);
    }
    return { line: 1, column: 1 };
  }

  /** Whether a path is that of blocks: `lock { … }`, not of an attribute: `lock = [{ … }]`. */
  isBlock(path: HclPath): boolean {
    return this.blocks.has(JSON.stringify(path));
  }

  /** Labels of all blocks of a kind at the top, such as the names of tasks. */
  labelsOf(kind: string): string[] {
    const paths = [...this.blocks].map((key) => JSON.parse(key) as HclPath);
    return paths.filter((path) => path.length === 2 && path[0] === kind).map((path) => String(path[1]));
  }

  /** Statements up to the closing brace, or to the end. */
  private readBody(path: HclPath): void {
    for (let token = this.take(); token !== undefined && token.text !== "}"; token = this.take()) {
      if (token.kind === "name") this.readStatement(path, token);
    }
  }

  private readStatement(path: HclPath, name: HclToken): void {
    const labels: string[] = [];
    for (let token = this.peek(); isLabel(token); token = this.peek()) {
      labels.push(plainText(token));
      this.next += 1;
    }
    if (this.peek()?.text === "{") this.readBlock([...path, name.text, ...labels], name.at);
    else if (this.peek()?.text === "=") {
      this.next += 1;
      this.note([...path, name.text], name.at);
      this.readExpression([...path, name.text]);
    }
  }

  private readBlock(path: HclPath, at: number): void {
    this.next += 1;
    const key = JSON.stringify(path);
    this.blocks.add(key);
    if (!this.offsets.has(key)) this.offsets.set(key, at);
    let index = 0;
    while (this.offsets.has(JSON.stringify([...path, index]))) index += 1;
    this.note([...path, index], at);
    this.readBody([...path, index]);
  }

  /** An expression up to the end of its line, to a comma, or to the bracket that closes what it is in. */
  private readExpression(path: HclPath): void {
    for (let token = this.peek(); token !== undefined && !/^[\n,}\])]$/.test(token.text); token = this.peek()) {
      this.next += 1;
      if (token.text === "{") this.readObject(path);
      else if (token.text === "[") this.readList(path);
      else if (token.text === "(") this.readList([...path, "("]);
    }
  }

  private readObject(path: HclPath): void {
    for (let token = this.take(); token !== undefined && token.text !== "}"; token = this.take()) {
      if (!isLabel(token) || !/^[=:]$/.test(this.peek()?.text ?? "")) continue;
      this.next += 1;
      const own = [...path, plainText(token)];
      this.note(own, token.at);
      this.readExpression(own);
    }
  }

  private readList(path: HclPath): void {
    for (let index = 0, token = this.peek(); token !== undefined; token = this.peek()) {
      if (/^[\])]$/.test(token.text)) {
        this.next += 1;
        return;
      }
      if (/^[\n,}]$/.test(token.text)) this.next += 1;
      else {
        this.note([...path, index], token.at);
        this.readExpression([...path, index]);
        index += 1;
      }
    }
  }

  private note(path: HclPath, at: number): void {
    this.offsets.set(JSON.stringify(path), at);
  }

  private peek(): HclToken | undefined {
    return this.tokens[this.next];
  }

  private take(): HclToken | undefined {
    const token = this.tokens[this.next];
    this.next += 1;
    return token;
  }
}

function isLabel(token: HclToken | undefined): token is HclToken {
  return token?.kind === "name" || token?.kind === "string";
}

/** A name, or a string without its quotes. */
function plainText({ kind, text }: HclToken): string {
  if (kind !== "string") return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text.replace(/^"|"$/g, "");
  }
}
