import type { BrokerError } from "../errors";
import type { Faults } from "../faults";

/** What the links of a connection share. */
export interface LinkContext {
  readonly faults: Faults;
  /** Cuts the connection. */
  readonly cut: () => void;
  /** Closes a link with an error, and forgets it. */
  readonly detach: (link: object, error: BrokerError) => void;
}
