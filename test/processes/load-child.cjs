// Loads a file as a process of its own, to be killed: <settings as JSON>; uses what `npm run build` made.
const { createReadStream } = require("node:fs");
const { loadEnvelopes } = require("../../dist/stream/load.js");
const { openPostgresSink } = require("../../dist/stream/sinks/postgres.js");

async function main({ config, file, batchRows, dieAtStep }) {
  let steps = 0;
  const onStep = () => {
    steps += 1;
    if (steps === dieAtStep) process.kill(process.pid, "SIGKILL");
  };
  const sink = await openPostgresSink(config, { pipeline: "killed", holder: "child", onStep });
  process.stdout.write("ready\n");
  const result = await loadEnvelopes(sink, createReadStream(file), { batchRows });
  await sink.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main(JSON.parse(process.argv[2])).catch((error) => {
  console.error(error);
  process.exitCode = 2;
});
