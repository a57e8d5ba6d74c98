import type { Version } from "../storage/row";
import type { Transaction } from "../storage/transaction";
import type { Values } from "../values/value";
import type { RowMaker } from "./row-maker";

/** A state whose values are made when somebody wants them: key and variant tell all of them. */
export class MadeVersion implements Version {
  writer: Transaction | undefined;
  older: Version | undefined;
  private made: Values | undefined;

  constructor(
    readonly maker: RowMaker,
    readonly key: number,
    private chosen: number,
    public commit: number,
  ) {}

  get variant(): number {
    return this.chosen;
  }

  get values(): Values {
    return (this.made ??= this.maker.row(this.key, this.chosen));
  }

  /** Becomes another state: where nobody can see the one before any more. */
  become(variant: number, commit: number): void {
    this.chosen = variant;
    this.commit = commit;
    this.made = undefined;
  }
}
