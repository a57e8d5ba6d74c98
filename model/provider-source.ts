/** Where the provider of a task comes from. */
export type ProviderSource =
  | { readonly kind: "builtin"; readonly name: string }
  /** Absolute, or a bare name to look for on PATH. */
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "image"; readonly reference: string };
