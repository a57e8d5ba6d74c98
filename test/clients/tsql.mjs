import { run } from "./run-program.mjs";

const MARK = "batch no. ";

/** FreeTDS prints rows and messages as text, without types, and says nothing of an empty result. */
export async function tsql({ url, database, batches }) {
  const { hostname, port, username, password } = new URL(url);
  const server = ["-H", hostname, "-p", port || "1433", "-D", database];
  const login = ["-U", decodeURIComponent(username), "-P", decodeURIComponent(password)];
  const input = batches.map((batch, i) => `SELECT '${MARK}${i}'\nGO\n${batch}\nGO\n`).join("");
  // Both outputs through one pipe, line by line, or errors lose their place among the rows.
  const command = ["-c", 'exec stdbuf -oL -eL tsql "$@" 2>&1', "tsql", ...server, ...login, "-o", "fqh"];
  const output = await run("timeout", ["60", "sh", ...command], { env: { ...process.env, TDSVER: "7.4" }, input });
  const [, version = ""] = /freetds v(\S+)/.exec(await run("tsql", ["-C"])) ?? [];
  return { client: `FreeTDS tsql ${version}`, answers: answersIn(output), sameItem };
}

function answersIn(output) {
  const answers = [];
  let inMessage = false;
  for (const line of output.split("\n")) {
    const error = /^Msg (\d+) \(severity (\d+), state/.exec(line);
    const items = answers.at(-1)?.items;
    if (inMessage) inMessage = !line.endsWith('"');
    else if (line.startsWith(MARK)) answers.push({ items: [] });
    else if (error) {
      inMessage = true;
      if (Number(error[2]) > 10) items.push(`!${error[1]}`);
    } else if (line !== "" && !/^Job '.*' started successfully\.$/.test(line)) items.push(line.split("\t"));
  }
  return answers;
}

/** An error, or a row whose cells say the same, each in its own way. */
function sameItem(seen, wanted) {
  if (typeof seen === "string" || typeof wanted === "string") return seen === wanted;
  return seen.length === wanted.length && seen.every((cell, i) => sameCell(cell, wanted[i]));
}

function sameCell(seen, wanted) {
  if (seen === wanted || (seen !== "" && Number(seen) === Number(wanted))) return true;
  return `0x${seen.toUpperCase()}` === wanted || isoOf(seen) === wanted;
}

function isoOf(text) {
  const time = Date.parse(`${text.replace(/(\d)([AP]M)$/, "$1 $2")} UTC`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
