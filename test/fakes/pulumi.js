// Stands in for the Pulumi CLI: notes how it was called, streams canned engine events, and answers as FAKE_PULUMI says.
// FAKE_PULUMI (JSON): { log, events, fail: { <verb>: { stderr, code } }, missingStack, outputs }
const { appendFileSync, existsSync, writeFileSync } = require("node:fs");

const plan = JSON.parse(process.env.FAKE_PULUMI ?? "{}");
const args = process.argv.slice(2);
const verb = args[0] === "stack" ? `stack ${args[1]}` : args[0];
const PASSED_ON = [
  "PULUMI_BACKEND_URL",
  "PULUMI_SKIP_CHECKPOINTS",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_SKIP_UPDATE_CHECK",
];

if (plan.log) {
  const env = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
  appendFileSync(plan.log, `${JSON.stringify({ args, cwd: process.cwd(), env })}\n`);
}
main().catch((error) => fail({ stderr: String(error), code: 255 }));

async function main() {
  if (verb === "version") return void console.log(plan.version ?? "v3.260.0");
  const failure = plan.fail?.[verb];
  if (verb === "stack select" && plan.missingStack && !existsSync(`${plan.log}.made`)) {
    return fail({ stderr: `error: no stack named '${args.at(-2)}' found`, code: 255 });
  }
  if (verb === "stack init") writeFileSync(`${plan.log}.made`, "");
  if (verb === "stack output")
    console.log(JSON.stringify(args.includes("--show-secrets") ? (plan.outputs ?? {}) : masked()));
  if (verb === "stack export") console.log(JSON.stringify({ version: 3, deployment: { resources: [] } }));
  if (verb === "stack history") console.log("[]");
  const target = args[args.indexOf("--event-log") + 1];
  if (args.includes("--event-log")) await stream(target, plan.events ?? []);
  if (plan.hang && verb === "up")
    await new Promise(
      (resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve) && setTimeout(resolve, 20_000),
    );
  if (failure) fail(failure);
}

function masked() {
  return Object.fromEntries(
    Object.keys(plan.outputs ?? {}).map((name) => [name, name.startsWith("secret") ? "[secret]" : plan.outputs[name]]),
  );
}

function fail({ stderr, code }) {
  console.error(stderr);
  process.exit(code);
}

function stream(target, events) {
  if (!target.startsWith("tcp://"))
    return appendFileSync(target, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const grpc = require("@grpc/grpc-js");
  const { EventsClient } = require("@pulumi/pulumi/proto/events_grpc_pb");
  const { EventRequest } = require("@pulumi/pulumi/proto/events_pb");
  return new Promise((resolve, reject) => {
    const client = new EventsClient(target.slice("tcp://".length), grpc.credentials.createInsecure());
    const call = client.streamEvents((error) => (error ? reject(error) : resolve()));
    for (const event of events) {
      const request = new EventRequest();
      request.setEvent(JSON.stringify(event));
      call.write(request);
    }
    call.end();
  });
}
