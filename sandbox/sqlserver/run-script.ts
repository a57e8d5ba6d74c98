import { sqlBatches } from "../../lib/sql-batches";
import type { SqlBackend } from "./backend";
import type { SqlError } from "./errors";
import type { Output } from "./session";

/** Runs a script without a client, as `sa`. Throws the first error; what ran before it stays. */
export async function runScript(backend: SqlBackend, database: string, script: string): Promise<void> {
  const session = backend.openSession(database);
  try {
    for (const batch of sqlBatches(script)) {
      const errors: SqlError[] = [];
      await session.batch(batch, deafOutput(errors));
      const [first] = errors;
      if (first) throw first;
    }
  } finally {
    session.close();
  }
}

/** Nobody reads the answer but for its errors. */
function deafOutput(errors: SqlError[]): Output {
  const nothing = () => undefined;
  return {
    plan: nothing,
    row: nothing,
    packed: nothing,
    order: nothing,
    done: nothing,
    message: (error) => {
      if (error.severity > 10) errors.push(error);
    },
    environment: nothing,
    returnStatus: nothing,
    returnValue: nothing,
    drained: nothing,
  };
}
