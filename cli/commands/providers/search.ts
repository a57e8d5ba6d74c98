import type { Command } from "commander";
import type { Found } from "../../../tasks/oci/search";
import { contextFrom, type Context } from "../../context";
import { positive } from "../../number-words";
import { table } from "../../print/table";
import { registryFlags, registryOptions, type RegistryFlags } from "./options";

interface SearchFlags extends RegistryFlags {
  readonly registry?: string;
  readonly limit: number;
}

/** `cdc providers search` */
export function register(group: Command): void {
  registryFlags(group.command("search"))
    .argument("<what>", "registry/owner, registry/owner/name, or a word")
    .summary("search a registry, or this machine")
    .description(
      "Lists the repositories of a registry below a name, with their tags and what the newest one says of itself. Public\n" +
        "registries often list nothing: name a repository there, and its tags are shown. A word without --registry is\n" +
        "searched among what is built in and what was pulled.\n" +
        "Exit codes: 0 found, 1 nothing found, 2 error.",
    )
    .option("--registry <host>", "registry to search the word in")
    .option("--limit <count>", "repositories to look into", positive, 100)
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc providers search ghcr.io/acme/orders-input\n  $ cdc providers search mssql --registry localhost:5000",
    )
    .action(search);
}

async function search(what: string, flags: SearchFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const found = isWord(what, flags) ? await searchHere(context, what) : await searchThere(context, what, flags);
  context.print(found, () => (found.length === 0 ? "nothing found" : foundTable(found)));
  if (found.length === 0) context.exitWith(NOTHING_FOUND);
}

const NOTHING_FOUND = 1;

function isWord(what: string, { registry }: SearchFlags): boolean {
  return registry === undefined && !what.includes("/") && !/[.:]/.test(what);
}

async function searchThere(context: Context, what: string, flags: SearchFlags): Promise<Found[]> {
  const { searchRegistry } = await import("../../../tasks/oci/search");
  return searchRegistry(what, { ...registryOptions(context, flags), ...flags });
}

async function searchHere(context: Context, word: string): Promise<Found[]> {
  const { cacheFolder, listCache } = await import("../../../tasks/oci/cache/folder");
  const { providerFound } = await import("../../../tasks/oci/search");
  const { BUILT_IN_PROVIDERS } = await import("../../../model/built-in-providers");
  const { packageVersion } = await import("../../../lib/package-root");
  const builtIn = BUILT_IN_PROVIDERS.map(({ name, executable, role }) => ({
    name,
    tags: [packageVersion()],
    kind: "provider" as const,
    role,
    description: `built in, also as ${executable}`,
  }));
  const pulled = listCache(cacheFolder(context.io.env)).map(({ reference, kind, manifest }) => ({
    name: reference.replace(/:[^/]*$/, ""),
    tags: [/:([^:/]*)$/.exec(reference)?.[1] ?? ""],
    ...(manifest === undefined
      ? { kind: kind === "container" ? ("image" as const) : ("unknown" as const) }
      : providerFound(manifest)),
  }));
  const matches = (one: Found): boolean =>
    [one.name, one.manifest?.name, one.description].some((text) => text?.toLowerCase().includes(word.toLowerCase()));
  return [...builtIn, ...pulled].filter(matches);
}

const MOST_TAGS = 5;

function foundTable(found: readonly Found[]): string {
  return table(
    ["NAME", "ROLE", "TAGS, NEWEST FIRST", "DESCRIPTION"],
    found.map(({ name, tags, kind, role, description = "" }) => [name, role ?? kind, tagsText(tags), description]),
  );
}

function tagsText(tags: readonly string[]): string {
  const newest = [...tags].reverse();
  const more = newest.length - MOST_TAGS;
  return newest.slice(0, MOST_TAGS).join(", ") + (more > 0 ? ` and ${String(more)} more` : "");
}
