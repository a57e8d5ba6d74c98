/** What a provider is made of: see docs/provider-sdk.md. */
export type { Envelope, Metadata, OperationType } from "../protocol/envelope";
export type { InfrastructureResult, LeaseToken, ResourceChange, ResourceState } from "../protocol/messages";
export { Batch } from "./batch";
export type { Log, LogLevel } from "./log";
export type {
  BatchBounds,
  InfrastructureProvider,
  InputContext,
  InputItem,
  InputProvider,
  OutputContext,
  OutputProvider,
  Provider,
  ProviderContext,
} from "./provider";
export { ProviderError } from "./provider-error";
export { RawLines } from "./raw-lines";
export { PROVIDER_EXIT, runProvider } from "./run-provider";
