/** Options of `resources --inspect`. */
export interface InspectFlags {
  readonly service?: string;
  readonly schema?: string;
  readonly table?: readonly string[];
  /** Customer or service of source-groups.yaml. */
  readonly source?: string;
  readonly customer?: string;
  readonly env?: string;
  readonly save?: boolean;
  readonly all?: boolean;
  readonly compare?: boolean;
}
