import fc from "fast-check";
import { openCopy } from "../../databases/postgres/copy";
import { sampleOf, SAMPLED_TYPES } from "../../test/arbitraries/sql-values";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { codecFor } from "./codec-for";

const PRINTED: Record<string, string> = {
  bytea: "encode(v, 'hex')",
  real: "encode(float4send(v), 'hex')",
  "double precision": "encode(float8send(v), 'hex')",
};

describe("values encoded, copied into PostgreSQL and read back", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  /** What the column holds, as PostgreSQL prints it, for each COPY text. */
  async function throughPostgres(type: string, copyTexts: readonly string[]): Promise<(string | null)[]> {
    const client = await database.connect();
    await client.query(`CREATE TEMP TABLE t (n int, v ${type})`);
    const copy = openCopy(client, "COPY t (n, v) FROM STDIN");
    await copy.write(copyTexts.map((text, index) => `${String(index)}\t${text}\n`).join(""));
    await copy.finish();
    const printed = PRINTED[type] ?? "v::text";
    const { rows } = await client.query<{ v: string | null }>(`SELECT ${printed} AS v FROM t ORDER BY n`);
    await client.end();
    return rows.map((row) => row.v);
  }

  test.each(SAMPLED_TYPES)("%s: equal to what was sent", async (type) => {
    const codec = codecFor(type);
    const values = fc.array(sampleOf(type), { minLength: 150, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(values, async (samples) => {
        const texts = samples.map(({ text }) => codec.encode(text) ?? `refused: ${text} ${codec.explain(text)}`);
        expect(texts.filter((text) => text.startsWith("refused"))).toEqual([]);
        expect(await throughPostgres(type, texts)).toEqual(samples.map(({ stored }) => stored));
      }),
      { numRuns: 4 },
    );
  });

  // Judged by the server: xml, unknown types, and rare contents of jsonb.
  test.each(SAMPLED_TYPES.filter((type) => type !== "xml" && type !== "jsonb"))(
    "%s: PostgreSQL takes whatever the codec lets through",
    async (type) => {
      const codec = codecFor(type);
      const hostile = fc.oneof(
        fc.string({ unit: "binary" }),
        fc.stringMatching(/^[-+]?[0-9]{0,40}[.eE]?[-+]?[0-9]{0,6}$/),
        fc.stringMatching(
          /^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]?[0-9]{0,2}:?[0-9]{0,2}:?[0-9]{0,2}[.]?[0-9]{0,8} ?([-+][0-9]{2}:[0-9]{2})?$/,
        ),
        fc.constantFrom(
          "NaN",
          "inf",
          "-Infinity",
          "0x",
          "\\N",
          "\\.",
          "",
          " 1",
          "1 ",
          "1e9999",
          "-0",
          "24:00:00",
          "t",
          "null",
        ),
        sampleOf(type).map(({ text }) => text.slice(0, -1)),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { minLength: 300, maxLength: 400 }), async (texts) => {
          const taken = texts.map((text) => codec.encode(text)).filter((text) => text !== undefined);
          expect(await throughPostgres(type, taken)).toHaveLength(taken.length);
        }),
        { numRuns: 4 },
      );
    },
  );
});
