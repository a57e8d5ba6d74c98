import { Argument, type Command } from "commander";
import { contextFrom } from "../context";

/** `cdc completion` */
export function register(program: Command): void {
  program
    .command("completion")
    .summary("print the completion script of a shell")
    .description(
      "Prints a script that completes commands, options, and the services, tables, sinks, environments and stacks of the project.",
    )
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", "\nExample:\n  $ source <(cdc completion bash)")
    .action(completion);
}

async function completion(shell: "bash" | "zsh" | "fish", _flags: unknown, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { wordsOf } = await import("../completion/words");
  const { completionScript } = await import("../completion/scripts");
  const script = completionScript(shell, wordsOf(command.parent ?? command));
  context.print({ shell, script }, () => script);
}
