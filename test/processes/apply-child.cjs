// Applies the migrations folder in argv[2] to the database in CDC_CHILD_PG and writes a line per step, so that the test
// can kill it there; the last line is what it did, as JSON.
const { applyFolder } = require("../../dist/migrations/apply/apply");
const { readFolder } = require("../../dist/migrations/folder");

async function main() {
  let waited = false;
  process.stdout.write("begun\n");
  const report = await applyFolder(readFolder(process.argv[2]), "dev", JSON.parse(process.env.CDC_CHILD_PG), {
    onWait: () => (waited = true),
    onStart: () => process.stdout.write("planned\n"),
    onDone: (name) => process.stdout.write(`${name}\n`),
  });
  const { complete, applied, adopted } = report;
  process.stdout.write(`${JSON.stringify({ complete, applied, adopted, waited })}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n${error.hint ?? ""}\n`);
  process.exitCode = 2;
});
