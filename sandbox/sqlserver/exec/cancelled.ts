/** The client gave the request up. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
  }
}
