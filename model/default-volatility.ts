/** Functions, and words that look like one, whose value PostgreSQL computes once for all rows. */
const ONCE = new Set(
  `now transaction_timestamp statement_timestamp current_timestamp localtimestamp current_time localtime
  current_setting current_database current_schema upper lower initcap trim btrim ltrim rtrim concat concat_ws format
  replace translate substring substr left right lpad rpad repeat reverse length char_length octet_length md5 sha256
  encode decode to_char to_date to_timestamp to_number abs ceil ceiling floor round trunc mod power sqrt sign
  coalesce nullif greatest least cast extract date_part date_trunc age make_date make_time make_timestamp
  make_timestamptz make_interval timezone jsonb_build_object jsonb_build_array json_build_object to_jsonb to_json row
  array uuid_nil in and or not any all when then else case between is as overlay position
  numeric decimal varchar varying char character bpchar bit timestamp timestamptz time timetz interval float`.split(
    /\s+/,
  ),
);

/**
 * Whether a DEFAULT may give each row another value, so that adding its column writes the table again. Functions that
 * aren't known count as if they did: `random()` and `gen_random_uuid()` do, `now()` and constants don't.
 */
export function mayDiffer(expression: string): boolean {
  const bare = expression.replace(/'(?:[^']|'')*'/g, "0");
  return [...bare.matchAll(/("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$.]*)\s*\(/gu)].some(([, name = ""]) => {
    const plain = name.toLowerCase().replace(/^pg_catalog\./, "");
    return !ONCE.has(plain);
  });
}
