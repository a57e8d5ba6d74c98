import { sqlError, SqlError } from "./errors";
import { SERVER_NAME } from "./compile/globals";
import { SqlSession } from "./exec/session";
import type { Backend, LoginRequest, Session } from "./session";
import type { Instance } from "./storage/instance";

/** A login that sessions can use. */
export interface Login {
  readonly user: string;
  password: string;
}

/** Opens sessions on the databases of an instance. */
export class SqlBackend implements Backend {
  readonly serverName = SERVER_NAME;
  readonly sessions = new Map<number, SqlSession>();
  /** Told of each request, for faults that strike at some of them. */
  beforeStatement: (session: SqlSession, text: string) => Promise<void> | undefined = () => undefined;
  private lastSession = 50;

  constructor(
    readonly instance: Instance,
    readonly logins: readonly Login[],
  ) {}

  login(request: LoginRequest): Session {
    const known = this.logins.find(({ user }) => user.toLowerCase() === request.user.toLowerCase());
    if (known?.password !== request.password) throw sqlError(18456, request.user);
    return this.open(request);
  }

  /** A session of `sa` that no client has opened. Throws 4060. */
  openSession(database: string): SqlSession {
    const [{ user } = { user: "sa" }] = this.logins;
    return this.open({ user, password: "", database, application: "", host: "", language: "" });
  }

  private open(request: LoginRequest): SqlSession {
    const database = this.instance.database(request.database === "" ? "master" : request.database);
    if (!database) throw sqlError(4060, request.database);
    if (!database.online)
      throw new SqlError(942, 14, 4, `Database '${database.name}' cannot be opened because it is offline.`);
    const id = ++this.lastSession;
    const strike = (session: SqlSession, text: string) => this.beforeStatement(session, text);
    const session = new SqlSession(id, this.instance, database, request, strike, () => this.sessions.delete(id));
    this.sessions.set(id, session);
    return session;
  }
}
