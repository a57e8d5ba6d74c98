import { CORE_SCHEMA, load } from "js-yaml";

/** What a document is for. */
export type DocumentKind = "connect-source" | "connect-sink" | "debezium-source" | "jdbc-sink";

/** A generated document: its path from the output folder, with `/`, and its text. */
export interface PipelineDocument {
  readonly path: string;
  readonly kind: DocumentKind;
  readonly text: string;
}

/** The value of a YAML or JSON text. Throws js-yaml's exception when it is neither. */
export function parseDocument(text: string): unknown {
  return load(text, { schema: CORE_SCHEMA });
}
