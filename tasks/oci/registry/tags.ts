import type { Reference } from "../reference";
import type { RegistryClient } from "./client";
import { drop, readWhole, type Answer } from "./exchange";

const PAGE = 500;
/** More than anybody reads; a registry may have millions. */
const MOST = 10_000;

/** Tags of a repository; undefined when the registry knows no such repository. */
export async function tagsOf(client: RegistryClient, { repository }: Reference): Promise<string[] | undefined> {
  return pages(client, `${repository}/tags/list?n=${String(PAGE)}`, `tags of ${client.registry}/${repository}`, "tags");
}

/** Repositories of a registry; undefined when it doesn't list them. */
export async function repositoriesOf(client: RegistryClient): Promise<string[] | undefined> {
  return pages(client, `_catalog?n=${String(PAGE)}`, `catalog of ${client.registry}`, "repositories");
}

const NOT_OFFERED = [401, 403, 404, 405];

async function pages(client: RegistryClient, first: string, what: string, key: string): Promise<string[] | undefined> {
  const found: string[] = [];
  let to: string | URL | undefined = first;
  while (to !== undefined && found.length < MOST) {
    const answer: Answer = await client.ask({ method: "GET", to, what, expect: [200, ...NOT_OFFERED] });
    if (answer.status !== 200) {
      await drop(answer);
      return undefined;
    }
    const page = JSON.parse((await readWhole(answer)).toString()) as Record<string, string[] | null>;
    found.push(...(page[key] ?? []));
    to = nextPage(client, answer);
  }
  return found;
}

/** `Link: </v2/_catalog?last=x&n=500>; rel="next"` */
function nextPage(client: RegistryClient, answer: Answer): URL | undefined {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(answer.headers["link"] ?? ""))?.[1];
  return target === undefined ? undefined : new URL(target, `${client.origin}/v2/`);
}
