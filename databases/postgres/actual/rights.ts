/** An object with its owner and rights, as the catalogue has them. */
export interface Guarded {
  readonly owner: string;
  /** Entries such as `app=r/postgres`; empty when nobody was granted anything. */
  readonly acl: readonly string[];
}

/** True when the role holds all these rights (letters of PostgreSQL's ACL, such as `r` SELECT, `a` INSERT, `X` EXECUTE, `U` USAGE). */
export function holdsRights(object: Guarded, role: string, letters: string): boolean {
  if (object.owner === role) return true;
  const held = object.acl
    .filter((entry) => granteeOf(entry) === role)
    .map(rightsOf)
    .join("");
  return [...letters].every((letter) => held.includes(letter));
}

/** The role when it holds the rights; undefined when it doesn't, so that a plan grants them (again). */
export function roleHolding(object: Guarded, role: string | undefined, letters: string): { applicationRole?: string } {
  return role !== undefined && holdsRights(object, role, letters) ? { applicationRole: role } : {};
}

// `"a role"=r/owner` or `role=r/owner`; quotes inside are doubled.
function granteeOf(entry: string): string {
  const quoted = /^"((?:[^"]|"")*)"=/.exec(entry)?.[1];
  return quoted === undefined ? entry.slice(0, entry.indexOf("=")) : quoted.replaceAll('""', '"');
}

function rightsOf(entry: string): string {
  const rest = entry.replace(/^"(?:[^"]|"")*"/, "");
  const from = rest.indexOf("=") + 1;
  return rest.slice(from, rest.indexOf("/", from)).replaceAll("*", "");
}
