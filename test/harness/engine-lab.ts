import { closePools } from "../../databases/postgres/pool";
import { releaseLocks } from "../../providers/handlers/deploy-lock";
import { createTestDatabase, type TestDatabase } from "./database";
import { Engine } from "./provider";

/** A database and the handlers that deploy into it, there while the tests of a file run. */
export interface EngineLab {
  readonly db: TestDatabase;
  readonly engine: Engine;
}

/**
 * Makes a database before the file's tests and drops it after them; every test is a run of its own.
 * @param prepare what is there before the first test, such as the management schema
 */
export function engineLab(prepare: (engine: Engine) => Promise<unknown> = withManagement): EngineLab {
  const lab: { db?: TestDatabase; engine?: Engine } = {};
  beforeAll(async () => {
    lab.db = await createTestDatabase();
    lab.engine = new Engine(lab.db.config);
    await prepare(lab.engine);
  });
  beforeEach(() => {
    lab.engine?.newRun();
  });
  afterAll(async () => {
    await releaseLocks();
    await closePools();
    await lab.db?.drop();
  });
  return lab as EngineLab;
}

function withManagement(engine: Engine): Promise<unknown> {
  return engine.up("cdcManagement", engine.managementInputs());
}
