import * as pulumi from "@pulumi/pulumi";
import type { Database, Grant, Provider, Role } from "@pulumi/postgresql";
import { hasPassword, type PgConfig } from "../databases/postgres/config";
import type { Sink } from "../model/sink";

/** Arguments of {@link ManagedAccess}. */
export interface ManagedAccessArgs {
  readonly sink: Sink;
  /** How the server's owner reaches it. */
  readonly server: pulumi.Input<PgConfig>;
  /** Password of the application role; without one the role cannot log in by password. */
  readonly applicationPassword?: pulumi.Input<string>;
  /** Keep database and role when they leave the stack. */
  readonly protect: boolean;
}

/** The database, the application role and its right to connect: made only when `manage:` asks for them. */
export class ManagedAccess extends pulumi.ComponentResource {
  readonly provider: Provider;
  readonly database?: Database;
  readonly role?: Role;
  readonly grant?: Grant;

  constructor(name: string, args: ManagedAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cdc:index:ManagedAccess", name, {}, opts);
    const postgresql = loadPostgresql();
    const { manage, database, applicationRole } = args.sink;

    this.provider = new postgresql.Provider(name, providerArgs(args.server), { parent: this });
    const child = { parent: this, provider: this.provider };
    const kept = { ...child, ...(args.protect ? { protect: true, retainOnDelete: true } : {}) };
    if (manage.database) this.database = new postgresql.Database(name, { name: database }, kept);
    if (manage.role && applicationRole !== undefined) {
      this.role = new postgresql.Role(name, roleArgs(applicationRole, args.applicationPassword), kept);
    }
    if (manage.grants && applicationRole !== undefined) {
      const grantee = { database: this.database?.name ?? database, role: this.role?.name ?? applicationRole };
      this.grant = new postgresql.Grant(name, { ...grantee, objectType: "database", privileges: ["CONNECT"] }, child);
    }
    this.registerOutputs({});
  }

  /** What the sink's own resources must wait for. */
  get made(): pulumi.Resource[] {
    return [this.database, this.role, this.grant].filter((resource) => resource !== undefined);
  }
}

/** True when `manage:` asks for anything. */
export function asksForManagement({ manage }: Sink): boolean {
  return manage.database || manage.role || manage.grants;
}

function providerArgs(server: pulumi.Input<PgConfig>) {
  const config = pulumi.output(server);
  return {
    host: config.host,
    port: config.port,
    username: config.user,
    // Not the sink's own database, which may not be there yet.
    database: "postgres",
    password: pulumi.secret(config.apply((known) => (hasPassword(known) ? known.password : ""))),
    sslmode: config.apply(({ ssl }) => (ssl === undefined ? "disable" : ssl === "verify" ? "verify-full" : "require")),
    // Hosted servers give nobody a superuser.
    superuser: false,
  };
}

function roleArgs(name: string, password: pulumi.Input<string> | undefined) {
  return { name, login: true, ...(password === undefined ? {} : { password: pulumi.secret(password) }) };
}

// Only loaded when asked for: it costs every other program half a second.
function loadPostgresql(): typeof import("@pulumi/postgresql") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a constructor cannot await import()
  return require("@pulumi/postgresql") as typeof import("@pulumi/postgresql");
}
