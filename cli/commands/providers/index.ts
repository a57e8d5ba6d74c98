import type { Command } from "commander";
import * as list from "./list";
import * as pack from "./pack";
import * as pull from "./pull";
import * as push from "./push";
import * as search from "./search";
import * as test from "./test";

const VERBS: readonly { readonly register: (group: Command) => void }[] = [list, search, pull, pack, push, test];

/** `cdc providers`, with one file per verb in this folder. */
export function register(program: Command): void {
  const group = program
    .command("providers")
    .summary("the programs at both ends of a task: find, pull, pack, push and test them")
    .description(
      "Providers are programs in any language that speak lines of JSON. They are published to container registries, one\n" +
        "manifest per platform, pulled by digest and run as processes. docs/providers.md tells how to write one.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc providers pull ghcr.io/acme/orders-input:v1.2.0");
  for (const verb of VERBS) verb.register(group);
}
