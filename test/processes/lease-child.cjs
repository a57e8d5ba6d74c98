// Holds a lease and writes under it, to be stopped and killed: <settings as JSON>; uses what `npm run build` made.
const { Client } = require("pg");
const { openLease } = require("../../dist/stream/leases/open-lease.js");

async function main({ name, settings, directory, sink }) {
  const lease = await openLease(settings, name, { directory, waitMs: 60_000 });
  const client = new Client(sink);
  client.on("error", () => undefined);
  await client.connect();
  // As the sink does: who is stopped in the middle keeps nobody waiting.
  await client.query("SET idle_in_transaction_session_timeout = '1s'");
  process.stdout.write(`held ${lease.token}\n`);
  for (;;) {
    try {
      await client.query("BEGIN");
      await client.query("SELECT cdc_management.admit_token($1, $2)", [name, lease.token]);
      await client.query("INSERT INTO written (token, pid) VALUES ($1, $2)", [lease.token, process.pid]);
      await client.query("COMMIT");
    } catch (error) {
      process.stdout.write(`refused ${error.code}\n`);
      process.exit(3);
    }
    if (lease.lost.aborted) {
      process.stdout.write(`lost ${lease.lost.reason.code}\n`);
      process.exit(4);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

main(JSON.parse(process.argv[2])).catch((error) => {
  console.error(error);
  process.exitCode = 2;
});
