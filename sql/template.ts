import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Mustache from "mustache";
import type { Sql } from "./sql";

/** What a template is rendered with: quoted SQL, switches, and sections. */
export interface SqlView {
  readonly [name: string]: Sql | boolean | readonly SqlView[] | SqlView;
}

type Writer = InstanceType<typeof Mustache.Writer>;

/** Renders templates; a name that the view lacks is an error, never empty text. */
class StrictWriter extends Mustache.Writer {
  private readonly parsed = new Map<string, unknown>();

  // The own cache joins a key from the whole text at each use, which is most of the time of a thousand tables.
  override parse(template: string): ReturnType<Writer["parse"]> {
    let tokens = this.parsed.get(template);
    if (tokens === undefined) this.parsed.set(template, (tokens = super.parse(template)));
    return tokens as ReturnType<Writer["parse"]>;
  }

  override escapedValue(token: string[], context: Mustache.Context): string {
    return present(token, context.lookup(token[1] ?? ""));
  }

  override renderSection(...args: Parameters<Writer["renderSection"]>): string {
    requirePresent(args[0], args[1]);
    return super.renderSection(...args);
  }

  override renderInverted(...args: Parameters<Writer["renderInverted"]>): string {
    requirePresent(args[0], args[1]);
    return super.renderInverted(...args);
  }

  override unescapedValue(token: string[]): string {
    throw new Error(`unescaped tag in a SQL template: ${token[1] ?? ""}`);
  }
}

const writer = new StrictWriter();
const texts = new Map<string, string>();
let root: string | undefined;

/**
 * Renders `templates/<path>` to SQL, without its header comment. Throws when the view lacks a name.
 * @param path such as `postgres/merge-procedure.sql`
 */
export function renderTemplate(path: string, view: SqlView): Sql {
  return writer.render(templateText(path), view, (partial: string) => templateText(partial)).trimEnd() as Sql;
}

/** Folder of the templates: in the package root, whether this file runs from source or from `dist`. */
export function templateRoot(): string {
  root ??= findRoot(__dirname);
  return root;
}

function findRoot(from: string): string {
  const candidate = join(from, "templates", "postgres");
  if (existsSync(candidate)) return join(from, "templates");
  const parent = dirname(from);
  if (parent === from) throw new Error(`no folder templates/postgres above ${__dirname}: the package is incomplete`);
  return findRoot(parent);
}

function templateText(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const text = withoutHeader(readFileSync(join(templateRoot(), path), "utf8"));
  texts.set(path, text);
  return text;
}

/** Drops the comment lines at the top: they speak to who edits the template, not to who reads the statement. */
function withoutHeader(text: string): string {
  return text.replace(/^(?:--.*\r?\n)+(?:\r?\n)*/, "");
}

function requirePresent(token: readonly string[], context: Mustache.Context): void {
  if (context.lookup(token[1] ?? "") === undefined) missing(token);
}

function present(token: readonly string[], value: unknown): string {
  return typeof value === "string" ? value : missing(token);
}

function missing(token: readonly string[]): never {
  throw new Error(`the view of a SQL template has no SQL for {{${token[1] ?? ""}}}`);
}
