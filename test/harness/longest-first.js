const { relative } = require("node:path");
const { default: Sequencer } = require("@jest/test-sequencer");

/** Seconds of the longest test files on two cores. Jest knows no times on a new machine, and would go by the files' sizes. */
const SECONDS = {
  "test/faults/faults.test.ts": 660,
  "stream/run/any-statement.test.ts": 180,
  "test/kill-up.test.ts": 150,
  "test/kill-servicebus.test.ts": 90,
  "tasks/conformance/built-in.test.ts": 65,
  "cli/stack-commands.test.ts": 60,
  "cli/demo/demo.test.ts": 60,
  "test/kill-postgres.test.ts": 50,
  "cli/new-provider.test.ts": 45,
  "engine/builtin/resource-options.test.ts": 50,
  "stream/leases/processes.test.ts": 50,
  "test/cdc-run-faults.test.ts": 45,
  "tasks/detached/kill.test.ts": 35,
  "cli/hostile.test.ts": 35,
  "test/kill-load.test.ts": 35,
  "engine/every-engine.test.ts": 30,
  "tasks/relay/defects.test.ts": 30,
  "engine/builtin/interruption.test.ts": 30,
  "test/cdc-run-drift.test.ts": 30,
  "test/source-refusals.test.ts": 30,
};

/** Begins with the longest test files, so that no worker is left with one of them at the end. */
class LongestFirst extends Sequencer {
  sort(tests) {
    const bySize = super.sort(tests);
    const seconds = ({ path, context }) => SECONDS[relative(context.config.rootDir, path).replaceAll("\\", "/")] ?? 0;
    return bySize.sort((one, other) => seconds(other) - seconds(one));
  }
}

module.exports = LongestFirst;
