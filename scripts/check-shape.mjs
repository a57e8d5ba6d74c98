/**
 * Measures the shape of the code, prints it as a table and fails on what the house rules forbid:
 * long files and functions, skipped tests, paths of one machine, names that say nothing.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { lineCount, measure } from "./measure-code.mjs";
import { sourceFiles } from "./source-files.mjs";

const MAX_FILE_LINES = 350;
const MAX_FUNCTION_LINES = 60;
const TEXT = /\.(ts|mjs|cjs|js|sql|ya?ml|json|md|sh)$|(^|\/)\.ci\/run$/;
const CODE = /\.(ts|mjs|cjs|js|sql)$/;
const LONG_BY_NATURE = /^(package-lock\.json|CHANGELOG\.md)$|\/(fixtures|golden)\//;
const EMPTY_NAME = /(^|-)(manager|helper|helpers|util|utils|misc|common)(-|\.)/;
const MACHINE_PATH = /(?<![\w.$}/])\/(home|Users|root|work)\/[\w.-]+/;
const SKIPPED_TEST =
  /\b(describe|test|it)\s*\.\s*(skip|only|todo|failing)\b|\b(xdescribe|xtest|xit|fdescribe|fit)\s*\(/;

const files = sourceFiles().filter((path) => TEXT.test(path));
const texts = new Map(files.map((path) => [path, readFileSync(path, "utf8")]));
const shipped = files.filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^(test|bench)\//.test(path));
const tests = files.filter((path) => /\.test\.ts$|^test\//.test(path));
const measured = shipped.map((path) => measure(path, texts.get(path)));

printTable();
const problems = [...longFiles(), ...longFunctions(), ...badLines(), ...badNames()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function printTable() {
  const exported = measured.flatMap((file) => file.exports);
  const documented = exported.filter(Boolean).length;
  const row = (title, values) =>
    console.log(
      title.padEnd(22) +
        [values.length, at(values, 0.5), at(values, 0.9), Math.max(0, ...values)]
          .map((n) => String(n).padStart(8))
          .join(""),
    );
  console.log("".padEnd(22) + ["count", "median", "p90", "max"].map((title) => title.padStart(8)).join(""));
  row(
    "source files, lines",
    measured.map((file) => file.lines),
  );
  row(
    "functions, lines",
    measured.flatMap((file) => file.functions.map((f) => f.lines)),
  );
  row(
    "test files, lines",
    tests.map((path) => lineCount(texts.get(path))),
  );
  console.log(`exported declarations with JSDoc: ${documented} of ${exported.length}`);
}

function at(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function longFiles() {
  return files
    .filter((path) => CODE.test(path) && !LONG_BY_NATURE.test(path))
    .map((path) => [path, lineCount(texts.get(path))])
    .filter(([, lines]) => lines > MAX_FILE_LINES)
    .map(([path, lines]) => `${path}: ${lines} lines, more than ${MAX_FILE_LINES}`);
}

function longFunctions() {
  return measured.flatMap((file) =>
    file.functions
      .filter((f) => f.lines > MAX_FUNCTION_LINES)
      .map((f) => `${file.path}: ${f.name} has ${f.lines} lines, more than ${MAX_FUNCTION_LINES}`),
  );
}

function badLines() {
  return files
    .filter((path) => path !== "scripts/check-shape.mjs")
    .flatMap((path) =>
      texts
        .get(path)
        .split("\n")
        .flatMap((line, index) => badLine(path, line, index + 1)),
    );
}

function badLine(path, line, number) {
  const found = [];
  if (MACHINE_PATH.test(line)) found.push(`${path}:${number}: a path of one machine`);
  if (tests.includes(path) && SKIPPED_TEST.test(line)) found.push(`${path}:${number}: a test that doesn't run`);
  return found;
}

function badNames() {
  return files
    .filter((path) => path.endsWith(".ts") && EMPTY_NAME.test(basename(path)))
    .map((path) => `${path}: a name that says nothing about what is inside`);
}
