import { SqlError } from "../errors";

/** Errors after which the rest of the batch still runs, when XACT_ABORT is off. All others end the batch. */
const STATEMENT_ONLY = new Set([
  220, 229, 232, 266, 313, 512, 515, 544, 545, 547, 628, 1222, 1505, 1779, 1801, 1902, 1911, 1913, 2601, 2627, 2628,
  2705, 2714, 2812, 3701, 3726, 3728, 3729, 3902, 3903, 4701, 4711, 4901, 4902, 4924, 4928, 5074, 8101, 8102, 8106,
  8107, 8115, 8134, 8152, 8179, 8672, 15225, 15248, 15335, 50_000,
]);

/** Errors after which the transaction is gone, too. */
const ENDS_TRANSACTION = new Set([1205, 3960, 3952, 241, 242, 245, 248, 8114, 8169, 235]);

/** Errors in names and types, found when a statement is compiled: TRY of the same batch doesn't catch them. */
const COMPILE = new Set([102, 105, 137, 156, 207, 208, 209, 1087, 4104, 8120]);

/** What an error does besides being told to the client. */
export interface Consequences {
  readonly endsBatch: boolean;
  readonly endsTransaction: boolean;
  readonly canBeCaught: boolean;
}

/** The consequences of an error. */
export function consequencesOf(error: SqlError, xactAbort: boolean): Consequences {
  const isCdc = error.number >= 22_800 && error.number < 23_000;
  const mild = STATEMENT_ONLY.has(error.number) || isCdc;
  return {
    endsBatch: !mild || xactAbort,
    endsTransaction: ENDS_TRANSACTION.has(error.number) || (xactAbort && error.severity > 10),
    canBeCaught: error.severity > 10 && error.severity < 20 && !COMPILE.has(error.number),
  };
}

/** An error that THROW raised: it ends the batch whatever its number. */
export class Thrown extends SqlError {}
