"use strict";
// An output whose infrastructure is a Pulumi program: a folder of files, each a resource of its own.
const { appendFileSync } = require("node:fs");
const { basename, join } = require("node:path");
const { runProvider } = require("pulumi-cdc/provider-sdk");
const { PulumiInfrastructure } = require("pulumi-cdc/provider-sdk/pulumi");

class Files extends PulumiInfrastructure {
  constructor() {
    super({ project: "files", engine: "built-in" });
  }

  environment({ password = "" }) {
    return { FILES_PASSWORD: password };
  }

  program({ folder, files }) {
    if (files.fails) throw new Error("no such region");
    if (files.hangs) return new Promise(() => undefined);
    // Nobody else needs it: this process is the program's.
    const pulumi = require("@pulumi/pulumi");
    const handlers = {
      async create({ path, text }) {
        if (text === "fails")
          throw new Error(`${path} can't be written with ${process.env.FILES_PASSWORD.length} letters`);
        const { existsSync, writeFileSync } = require("node:fs");
        if (text === "waits") writeFileSync(`${path}.begun`, "");
        while (text === "waits" && !existsSync(`${path}.go`)) await new Promise((resolve) => setTimeout(resolve, 20));
        writeFileSync(path, text);
        return { id: path, outs: { path, text } };
      },
      async diff(_id, olds, news) {
        return { changes: olds.text !== news.text };
      },
      async update(id, _olds, { path, text }) {
        require("node:fs").writeFileSync(path, text);
        return { outs: { path, text } };
      },
      async read(id, props) {
        const { existsSync, readFileSync } = require("node:fs");
        return existsSync(id) ? { id, props: { ...props, text: readFileSync(id, "utf8") } } : {};
      },
      async delete(id) {
        require("node:fs").rmSync(id, { force: true });
      },
    };
    class File extends pulumi.dynamic.Resource {
      constructor(name, text, options) {
        super(handlers, name, { path: join(folder, name), text }, options);
      }
    }
    let before;
    for (const [name, text] of Object.entries(files))
      before = new File(name, text, before === undefined ? {} : { dependsOn: before });
    return { names: Object.keys(files) };
  }
}

void runProvider({
  name: basename(__filename, ".cjs"),
  version: "1.0.0",
  output: {
    write(batch) {
      appendFileSync("written.ndjson", batch.lines);
      return Promise.resolve();
    },
  },
  infrastructure: new Files(),
});
