import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Mustache from "mustache";
import { CdcError } from "../lib/errors";
import { packageRoot } from "../lib/package-root";

/** The templates of pipeline documents. */
export const TEMPLATE_NAMES = [
  "connect-source.yaml",
  "connect-sink.yaml",
  "debezium-source.json",
  "jdbc-sink.json",
] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** What a template is rendered with. */
export type View = Readonly<Record<string, string | boolean | readonly string[]>>;

/** Renders the templates of pipeline documents: a project's own win over the package's. */
export class Templates {
  private readonly texts = new Map<string, { readonly text: string; readonly path: string }>();

  /** @param directory Folder of the configuration, in which `templates/pipelines/<service>/<name>` is looked for. */
  constructor(private readonly directory: string) {}

  /** @throws CdcError `CDC_TEMPLATE` when the template is none, or names what its view lacks. */
  render(service: string, name: TemplateName, view: View): string {
    const { text, path } = this.textOf(service, name);
    try {
      return new StrictWriter(path).render(text, view);
    } catch (error) {
      if (error instanceof CdcError) throw error;
      throw faulty(path, error instanceof Error ? error.message : String(error));
    }
  }

  private textOf(service: string, name: TemplateName): { readonly text: string; readonly path: string } {
    const key = JSON.stringify([service, name]);
    const known = this.texts.get(key);
    if (known !== undefined) return known;
    const own = join(this.directory, "templates", "pipelines", service, name);
    const path = existsSync(own) ? own : join(packageRoot(), "templates", "pipelines", name);
    if (!statSync(path).isFile()) throw faulty(path, "it is a folder");
    const read = { text: readFileSync(path, "utf8").replaceAll("\r\n", "\n"), path };
    this.texts.set(key, read);
    return read;
  }
}

/** Puts values in as they are; a name that the view lacks is an error, never empty text. */
class StrictWriter extends Mustache.Writer {
  constructor(private readonly path: string) {
    super();
  }

  override escapedValue(token: string[], context: Mustache.Context): string {
    return this.present(token, context);
  }

  override unescapedValue(token: string[], context: Mustache.Context): string {
    return this.present(token, context);
  }

  override renderSection(...args: Parameters<Mustache.Writer["renderSection"]>): string {
    this.known(args[0], args[1]);
    return super.renderSection(...args);
  }

  override renderInverted(...args: Parameters<Mustache.Writer["renderInverted"]>): string {
    this.known(args[0], args[1]);
    return super.renderInverted(...args);
  }

  override renderPartial(token: string[]): string {
    throw faulty(this.path, `{{>${token[1] ?? ""}}}: there are no partial templates`);
  }

  private known(token: readonly string[], context: Mustache.Context): void {
    const name = token[1] ?? "";
    if (context.lookup(name) === undefined) throw faulty(this.path, `there is no value {{${name}}}`);
  }

  private present(token: readonly string[], context: Mustache.Context): string {
    const value: unknown = context.lookup(token[1] ?? "");
    if (typeof value === "string") return value;
    throw faulty(this.path, `there is no value {{${token[1] ?? ""}}}`);
  }
}

function faulty(path: string, why: string): CdcError {
  return new CdcError("CDC_TEMPLATE", `template ${path}: ${why}`, {
    hint: "Compare it with the package's template of that name; docs/pipelines.md lists the values.",
  });
}
