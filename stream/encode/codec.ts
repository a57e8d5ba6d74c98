/**
 * How values of one PostgreSQL type go from SQL Server's text form into COPY text.
 * What a codec lets through PostgreSQL takes unchanged, apart from declared losses (digits of a fraction of a
 * second beyond the column's precision); the exceptions, left to the server to judge, are xml, corners of jsonb and unknown types.
 */
export interface Codec {
  /** The value in COPY text (escaped), or undefined when the type cannot hold it. */
  readonly encode: (text: string) => string | undefined;
  /** Why `encode` gave undefined: a clause such as `is not an integer`. */
  readonly explain: (text: string) => string;
  /** Text of a JSON number for `encode`; undefined when digits may have been lost on the way. Absent: plain `String`. */
  readonly fromNumber?: (value: number) => string | undefined;
  /** Text of a JSON object or array; absent: refused. */
  readonly fromObject?: (value: object) => string;
  /** One spelling of equal values, from COPY text; absent when equal values have equal COPY text. */
  readonly canonical?: (copyText: string) => string;
}

/** NULL in COPY text. */
export const COPY_NULL = "\\N";
