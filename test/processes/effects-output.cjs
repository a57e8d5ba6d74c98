// An output whose effects can be counted: appends the ids of its lines to the file in its config, each id once, and is
// as durable as a file is. To be killed anywhere. Uses what `npm run build` made.
const fs = require("node:fs");
const { runProvider } = require("../../dist/tasks/sdk");

let file;
let known;

function open(path) {
  // What a kill has cut off in the middle of a line was not confirmed, and comes again.
  const text = fs.existsSync(path) ? fs.readFileSync(path, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  known = new Set(whole.split("\n"));
  fs.writeFileSync(path, whole);
  file = fs.openSync(path, "a");
}

void runProvider({
  name: "effects",
  version: "1.0.0",
  batch: { maxLines: 20 },
  output: {
    open: async ({ path }) => open(path),
    write: async (batch) => {
      const ids = batch.envelopes().map(({ data }) => String(data.value));
      const fresh = ids.filter((id) => !known.has(id));
      for (const id of fresh) known.add(id);
      if (fresh.length > 0) fs.writeSync(file, fresh.join("\n") + "\n");
      fs.fdatasyncSync(file);
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
  },
});
