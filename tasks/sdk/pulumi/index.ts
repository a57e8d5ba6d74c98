/** Providers whose infrastructure is a Pulumi program: see docs/provider-sdk.md. */
export { PulumiInfrastructure, type PulumiSettings } from "./pulumi-infrastructure";
export { programOf } from "./program-of";
