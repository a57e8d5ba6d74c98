// Runs `up` of the project in argv[2] with the built engine and writes a line per step, so that the test can kill it there.
const { openStack } = require("../../dist/engine/open-stack");

async function main() {
  const stack = await openStack({ projectDirectory: process.argv[2], stack: "dev", engine: "built-in" });
  const onEvent = (event) => {
    if (event.kind === "resource-start" || event.kind === "resource")
      process.stdout.write(`${event.kind} ${event.urn}\n`);
  };
  await stack.up({ onEvent });
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n${error.hint ?? ""}\n`);
  process.exitCode = 2;
});
