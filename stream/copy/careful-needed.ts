/**
 * A row that cannot be staged as it is: a value that its column cannot hold, a text that PostgreSQL cannot store.
 * The window is to be done again in careful mode, which finds the row and buries it.
 */
export class CarefulNeeded extends Error {
  override readonly name = "CarefulNeeded";
}
