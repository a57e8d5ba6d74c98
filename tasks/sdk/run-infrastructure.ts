import { encodeMessage } from "../protocol/encode";
import type { InfrastructureResult, LifecycleCommand } from "../protocol/messages";
import { resultOf } from "../protocol/results";
import { failureOf } from "./provider-error";
import type { InfrastructureProvider } from "./provider";
import { contextOf, type Session } from "./session";

/** Runs a lifecycle command and writes its result as the last line; answers whether it succeeded. */
export async function runInfrastructure<C>(
  infrastructure: InfrastructureProvider<C> | undefined,
  command: LifecycleCommand,
  session: Session,
): Promise<boolean> {
  const result = resultOf(command, await resultFrom(infrastructure, command, session));
  session.stdout.add(encodeMessage(result));
  return result.status === "succeeded";
}

async function resultFrom<C>(
  infrastructure: InfrastructureProvider<C> | undefined,
  command: LifecycleCommand,
  session: Session,
): Promise<InfrastructureResult> {
  // A provider without infrastructure has nothing to make, and nothing to remove.
  if (infrastructure === undefined) return { status: "succeeded", message: "this provider needs no infrastructure" };
  try {
    return await infrastructure[command](session.start.config as C, contextOf(session));
  } catch (error) {
    const { code, message } = failureOf(error);
    return { status: "failed", error: { code, message } };
  }
}
