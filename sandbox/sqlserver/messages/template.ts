/** A message: its severity, its state, and its text with `%s` where something is filled in. */
export type Template = readonly [severity: number, state: number, text: string];

/** Messages by number. */
export type Templates = Readonly<Record<number, Template>>;
