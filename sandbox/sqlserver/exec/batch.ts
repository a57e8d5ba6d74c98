import { SqlError, sqlError } from "../errors";
import { EMPTY_FRAME } from "../compile/compiled";
import type { Context, Variable } from "../compile/context";
import { Scope } from "../compile/scope";
import { parseBatch } from "../parse";
import type { Expr, Statement, StatementOf } from "../parse/ast";
import type { Output, ReturnValue } from "../session";
import type { Table } from "../storage/table";
import { LockWait, type Transaction } from "../storage/transaction";
import { plainText, type Value } from "../values/value";
import { Cancelled } from "./cancelled";
import { consequencesOf, Thrown } from "./failures";
import { makeContext, type Variables } from "./make-context";
import type { SqlSession } from "./session";
import { runStatement } from "./statement";
import { waitForLock } from "./waiting";

/** How a statement ended, as the statements around it must know. */
export type Flow = "next" | "break" | "continue" | "return" | "abort";

/** Runs the statements of one batch, with its variables. */
export class Batch {
  readonly variables: Variables;
  returnStatus = 0;
  /** A statement has told the client of its end. */
  reported = false;
  failed = false;
  /** Output parameters of an RPC, told after its rows. */
  readonly returned: ReturnValue[] = [];
  private text = "";

  constructor(
    readonly session: SqlSession,
    readonly output: Output,
    readonly kind: "batch" | "inProc",
    scalars: Map<string, Variable> = new Map<string, Variable>(),
    /** True within TRY: errors are thrown, not told. */
    readonly protectedBy = false,
  ) {
    this.variables = { scalars, tables: new Map<string, Table>() };
  }

  /** Parses and runs a text; errors go to the client. Within TRY of a caller they are thrown. */
  async runText(text: string): Promise<Flow> {
    this.text = text;
    let flow: Flow = "abort";
    try {
      await this.session.beforeStatement(this.session, text);
      this.session.requireActive();
      flow = await this.runAll(parseBatch(text));
    } catch (error) {
      if (error instanceof Cancelled) this.cancel();
      else this.end(error);
    }
    if (this.kind === "batch") this.finish();
    return flow;
  }

  /** Statements one after another, until one says otherwise. */
  async runAll(statements: readonly Statement[]): Promise<Flow> {
    for (const statement of statements) {
      const flow = await this.run(statement);
      if (flow !== "next") return flow;
    }
    return "next";
  }

  /** The surroundings of a statement. */
  context(): Context {
    return makeContext(this.session, this.variables);
  }

  /** One statement. Gives way to other sessions between statements. */
  async run(statement: Statement): Promise<Flow> {
    this.session.requireActive();
    try {
      return await this.control(statement);
    } catch (error) {
      return this.failedWith(error, statement);
    }
  }

  /** A condition or value of a control statement, tried again when it has to wait. */
  async evaluate<T>(work: (context: Context) => T): Promise<T> {
    for (;;) {
      try {
        return work(this.context());
      } catch (error) {
        if (!(error instanceof LockWait)) throw error;
        await waitForLock(this.session, this.session.current, error.holder);
      }
    }
  }

  /** Work in the session's transaction, or in one of its own; tried again when it has to wait. */
  async transact<T>(work: (transaction: Transaction, context: Context) => T): Promise<T> {
    for (;;) {
      const { current, instance } = this.session;
      if (current?.doomed) throw sqlError(3930);
      const transaction = current ?? instance.begin(this.session.id, this.session.isolation);
      // Reads of the statement must see what it writes.
      this.session.current = transaction;
      const mark = transaction.mark();
      try {
        const result = work(transaction, this.context());
        if (!current) {
          this.session.current = undefined;
          instance.commit(transaction);
        }
        return result;
      } catch (error) {
        transaction.undoTo(mark);
        if (!current) {
          this.session.current = undefined;
          instance.rollback(transaction);
        }
        if (!(error instanceof LockWait)) throw error;
        await waitForLock(this.session, current, error.holder);
      }
    }
  }

  /** A batch within this one, with variables of its own. */
  nested(scalars: Map<string, Variable>): Batch {
    return new Batch(this.session, this.output, "inProc", scalars, this.protectedBy);
  }

  /** The same batch, answering elsewhere; its errors are thrown. */
  redirected(output: Output): Batch {
    const other = new Batch(this.session, output, this.kind, this.variables.scalars, true);
    for (const [name, table] of this.variables.tables) other.variables.tables.set(name, table);
    return other;
  }

  /** The text of the batch, for what quotes it. */
  get source(): string {
    return this.text;
  }

  /** The end of a statement that tells a number of rows. */
  done(command: number, count: number): void {
    this.session.rowCount = BigInt(count);
    if (this.session.options.noCount && command !== 0xc1) return;
    this.reported = true;
    this.output.done({ kind: this.kind, command, ...(!this.session.options.noCount && { count }) });
  }

  private async control(statement: Statement): Promise<Flow> {
    switch (statement.kind) {
      case "block":
        return this.runAll(statement.statements);
      case "if": {
        const yes = await this.test(statement);
        const chosen = yes ? statement.then : statement.otherwise;
        return chosen ? this.run(chosen) : "next";
      }
      case "while":
        return this.loop(statement);
      case "break":
      case "continue":
        return statement.kind;
      case "return":
        if (statement.value) this.returnStatus = Number(await this.value(statement.value));
        return "return";
      case "try":
        return this.attempt(statement);
      case "throw":
        return this.throwError(statement);
      default:
        await runStatement(statement, this);
        this.session.lastError = 0;
        return "next";
    }
  }

  /** The value of an expression without tables around it. */
  value(expr: Expr): Promise<Value> {
    return this.evaluate((context) => context.compile.expression(expr, scopeless(), context).run(EMPTY_FRAME));
  }

  private test(statement: StatementOf<"if"> | StatementOf<"while">): Promise<boolean> {
    return this.evaluate(
      (context) => context.compile.condition(statement.condition, scopeless(), context)(EMPTY_FRAME) === true,
    );
  }

  private async loop(statement: StatementOf<"while">): Promise<Flow> {
    for (let turns = 0; await this.test(statement); turns++) {
      const flow = await this.run(statement.body);
      if (flow === "break") break;
      if (flow === "return" || flow === "abort") return flow;
      // A loop must not keep the other sessions out.
      if (turns % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
    }
    return "next";
  }

  private async attempt({ body, handler }: StatementOf<"try">): Promise<Flow> {
    const inner = new Guarded(this);
    try {
      return await inner.runAll(body);
    } catch (error) {
      if (!(error instanceof SqlError) || !consequencesOf(error, false).canBeCaught) throw error;
      const { endsTransaction } = consequencesOf(error, this.session.options.xactAbort);
      const { current } = this.session;
      if (current && endsTransaction) current.doomed = true;
      this.session.caught.push(error);
      this.session.lastError = error.number;
      try {
        return await this.runAll(handler);
      } finally {
        this.session.caught.pop();
      }
    }
  }

  private async throwError(statement: StatementOf<"throw">): Promise<Flow> {
    const [number, message, state] = await this.evaluate((context) =>
      statement.arguments.map((expr) => context.compile.expression(expr, scopeless(), context).run(EMPTY_FRAME)),
    );
    if (number === undefined) {
      const caught = this.session.caught.at(-1);
      if (!caught)
        throw new SqlError(10_704, 15, 1, "To rethrow an error, a THROW statement must be used inside a CATCH block.");
      const again = new Thrown(caught.number, caught.severity, caught.state, caught.message);
      again.line = caught.line;
      throw again;
    }
    const error = new Thrown(Number(number), 16, Number(state), plainText(message));
    error.line = statement.line;
    throw error;
  }

  /** Tells the client of an error and what follows from it. */
  protected failedWith(error: unknown, statement: Statement): Flow {
    if (!(error instanceof SqlError)) throw error;
    if (error.line === 1 && !(error instanceof Thrown)) error.line = statement.line;
    const { endsBatch, endsTransaction } = consequencesOf(error, this.session.options.xactAbort);
    if (this.protectedBy) throw error;
    if (error instanceof Thrown || endsBatch) {
      if (endsTransaction && this.session.current) this.session.rollback(this.output, "");
      throw error;
    }
    this.report(error);
    return "next";
  }

  protected report(error: unknown): void {
    if (!(error instanceof SqlError)) throw error;
    if (this.protectedBy) throw error;
    this.failed = true;
    this.session.lastError = error.number;
    this.output.message(error);
    this.reported = true;
    this.output.done({ kind: this.kind, command: 0xfd, failed: true });
  }

  /** An error that ends the batch, and the transaction where it does that. */
  private end(error: unknown): void {
    const ends = error instanceof SqlError && !(error instanceof Thrown) && !this.protectedBy;
    if (ends && this.session.current && consequencesOf(error, this.session.options.xactAbort).endsTransaction) {
      this.session.rollback(this.output, "");
    }
    this.report(error);
  }

  private cancel(): void {
    this.failed = true;
  }

  /** A batch ends with DONE, and no transaction outlives it that can't be committed. */
  private finish(): void {
    if (this.session.current?.doomed && !this.session.cancelled) {
      this.session.rollback(this.output, "");
      this.report(sqlError(3998));
    }
    if (!this.reported) this.output.done({ kind: "batch", command: 0xfd, ...(this.failed && { failed: true }) });
  }
}

/** The body of TRY: errors go to CATCH instead of the client. */
class Guarded extends Batch {
  constructor(private readonly outer: Batch) {
    super(outer.session, outer.output, outer.kind, outer.variables.scalars, true);
    for (const [name, table] of outer.variables.tables) this.variables.tables.set(name, table);
  }

  override done(command: number, count: number): void {
    this.outer.done(command, count);
  }

  override get source(): string {
    return this.outer.source;
  }
}

const scopeless = () => new Scope();
