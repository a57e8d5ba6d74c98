import { get, request } from "node:http";
import { parseLsn } from "../../model/lsn";
import type { SourceProgress, StreamStatus } from "../../stream/stream-events";
import { exposition, type MetricFamily } from "./exposition";
import { liveness, readiness } from "./health";
import { LagWatch } from "./lag-watch";
import { parseListenAddress } from "./listen-address";
import { StreamObserver } from "./observer";
import { parseExposition } from "../../test/harness/parse-exposition";
import { serveObserved, type Observed } from "./server";
import { SinceStart } from "./since-start";
import { SourceRates } from "./source-rates";
import { streamMetrics } from "./stream-metrics";

const position = parseLsn("0x0000002a000001c80003")!;

function source(more: Partial<SourceProgress> = {}): SourceProgress {
  const counts = { events: 10, transactions: 3, commits: 2 };
  return { source: "main/north", tenants: ["north"], state: "streaming", position, lagMs: 1_500, ...counts, ...more };
}

function statusOf(...sources: SourceProgress[]): StreamStatus {
  const table = {
    source: "main/north",
    schema: "north",
    table: 'odd"\\\nname',
    tenant: "north",
    state: "snapshot",
  } as const;
  return {
    pipeline: "stream",
    eventsPerSecond: 12.5,
    sources,
    tables: [{ ...table, snapshotRows: 40, events: 5, deadLetters: 1 }],
  };
}

/** An observer whose clock the test moves. */
function observing(read: () => StreamStatus) {
  const clock = { ms: 1_000_000 };
  const observer = new StreamObserver(read, () => clock.ms);
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.ms += 1_000;
      observer.tick();
    }
  };
  return { observer, clock, pass };
}

describe("the exposition", () => {
  test("is read back by a strict parser, odd labels included", () => {
    const { observer, pass } = observing(() => statusOf(source()));
    pass(3);
    observer.take({ level: "warn", event: "source.retry", text: "", source: "main/north" });
    for (const durationMs of [4, 30, 60_000])
      observer.take({
        level: "debug",
        event: "window.committed",
        text: "",
        source: "main/north",
        details: { durationMs },
      });
    const families = parseExposition(exposition(streamMetrics(statusOf(source()), observer, "1.2.3")));
    const value = (name: string, labels: Record<string, string> = {}) =>
      families
        .get(name.replace(/_(bucket|sum|count)$/, ""))
        ?.samples.filter((one) => one.name === name)
        .find((one) => Object.entries(labels).every(([label, text]) => one.labels[label] === text))?.value;
    expect({
      events: value("cdc_source_events_total", { source: "main/north" }),
      retries: value("cdc_source_retries_total"),
      lag: value("cdc_source_lag_seconds"),
      age: value("cdc_source_position_age_seconds"),
      streaming: value("cdc_source_state", { state: "streaming" }),
      idle: value("cdc_source_state", { state: "idle" }),
      table: value("cdc_table_state", { table: 'odd"\\\nname', state: "snapshot", tenant: "north" }),
      snapshots: value("cdc_tables", { state: "snapshot" }),
      dead: value("cdc_table_dead_letters"),
      fast: value("cdc_window_commit_duration_seconds_bucket", { le: "0.005" }),
      all: value("cdc_window_commit_duration_seconds_count"),
    }).toEqual({
      events: 10,
      retries: 1,
      lag: 1.5,
      age: 2,
      streaming: 1,
      idle: 0,
      table: 1,
      snapshots: 1,
      dead: 1,
      fast: 1,
      all: 3,
    });
    expect(families.get("process_resident_memory_bytes")?.type).toBe("gauge");
  });

  test("leaves out what is not known yet", () => {
    const unknown: SourceProgress = {
      source: "main/north",
      tenants: [],
      state: "starting",
      events: 0,
      transactions: 0,
      commits: 0,
    };
    const { observer } = observing(() => statusOf(unknown));
    const families = parseExposition(exposition(streamMetrics(statusOf(unknown), observer, "1.2.3")));
    expect(families.has("cdc_source_lag_seconds")).toBe(false);
    expect(families.has("cdc_window_commit_duration_seconds")).toBe(false);
  });

  test("writes numbers that have no digits as Prometheus does", () => {
    const family: MetricFamily = {
      name: "x",
      type: "gauge",
      help: "back\\slash\nand line",
      samples: [NaN, Infinity, -Infinity, 1e21, 0.1].map((value) => ({ labels: {}, value })),
    };
    expect(exposition([family])).toBe(
      "# HELP x back\\\\slash\\nand line\n# TYPE x gauge\nx NaN\nx +Inf\nx -Inf\nx 1e+21\nx 0.1\n",
    );
  });
});

describe("health", () => {
  test("is bad when every source has failed for half a minute, and good again with the first that works", () => {
    let status = statusOf(source({ state: "retrying" }), source({ source: "main/south", state: "stopped" }));
    const { observer, pass } = observing(() => status);
    pass(30);
    expect(liveness(observer).ok).toBe(true);
    pass(2);
    expect(liveness(observer)).toEqual({ ok: false, problems: ["every source has failed for 31 s"] });
    status = statusOf(source({ state: "retrying" }), source({ source: "main/south" }));
    pass(1);
    expect(liveness(observer).ok).toBe(true);
  });

  test("is bad for a while after the event loop stood still", () => {
    const { observer, clock, pass } = observing(() => statusOf(source()));
    pass(2);
    clock.ms += 20_000;
    observer.tick();
    expect(liveness(observer)).toEqual({ ok: false, problems: ["the event loop stood still for 19 s"] });
    pass(31);
    expect(liveness(observer).ok).toBe(true);
  });

  test("readiness wants every source at work, at rest or on standby, and within the limit", () => {
    const ready = statusOf(source(), source({ state: "idle" }), source({ state: "standby" }));
    expect(readiness(ready, undefined)).toEqual({ ok: true, problems: [] });
    expect(readiness(ready, 1_000).problems).toEqual([
      "main/north lags 2 s",
      "main/north lags 2 s",
      "main/north lags 2 s",
    ]);
    const problem = { code: "CDC_X", message: "cannot be reached" };
    expect(readiness(statusOf(source({ state: "retrying", problem })), undefined)).toEqual({
      ok: false,
      problems: ["main/north is retrying: cannot be reached"],
    });
    expect(readiness({ ...ready, sources: [] }, undefined).ok).toBe(false);
  });
});

test("a lag over the limit is told once, and its end once", () => {
  const watch = new LagWatch(1_000);
  const events = [500, 1_500, 2_000, 900, 800].map((lagMs) =>
    watch.take(statusOf(source({ lagMs }))).map(({ event }) => event),
  );
  expect(events).toEqual([[], ["source.lagging"], [], ["source.caught_up"], []]);
});

test("rates are taken over the last five seconds", () => {
  const rates = new SourceRates();
  const at = (seconds: number, events: number) =>
    rates.take(statusOf(source({ events })), seconds * 1_000).get("main/north");
  expect([at(0, 0), at(1, 100), at(2, 200), at(6, 200), at(7, 300)]).toEqual([0, 100, 100, 20, 20]);
});

test("counts are those since a source was first read, whatever the pipeline had done before", () => {
  const since = new SinceStart();
  const started = { level: "info", event: "source.started", text: "", source: "main/north" } as const;
  since.take(started, () => statusOf(source({ events: 10 })));
  since.take(started, () => statusOf(source({ events: 12 })));
  const { sources, tables } = since.of(statusOf(source({ events: 15 }), source({ source: "main/south", events: 9 })));
  expect(sources.map(({ events }) => events)).toEqual([5, 0]);
  expect(tables.map(({ events, snapshotRows }) => [events, snapshotRows])).toEqual([[0, 0]]);
  const anew = { ...statusOf(), tables: tables.map((one) => ({ ...one, events: 6, snapshotRows: 30 })) };
  expect(since.of(anew).tables).toMatchObject([{ events: 1, snapshotRows: 30 }]);
});

test.each([
  ["9464", { host: "127.0.0.1", port: 9464 }],
  ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["localhost:1", { host: "localhost", port: 1 }],
  ["70000", undefined],
  ["host:", undefined],
  ["http://host:80", undefined],
  ["", undefined],
])("%p is the address %p", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

describe("the server", () => {
  const observed: Observed = {
    liveness: () => ({ ok: true, problems: [] }),
    readiness: () => ({ ok: false, problems: ["main/north is starting"] }),
    metrics: () => "up 1\n",
    redact: (text) => text.replaceAll("north", "[secret]"),
  };

  async function ask(address: string, path: string, method = "GET") {
    return new Promise<{ status: number | undefined; type: string | undefined; body: string }>((resolve, reject) => {
      const sent = (method === "GET" ? get : request)(`http://${address}${path}`, { method }, (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode, type: response.headers["content-type"], body }),
        );
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  test("answers probes as JSON and metrics as text, and refuses the rest", async () => {
    const server = await serveObserved({ host: "127.0.0.1", port: 0 }, observed);
    try {
      const at = server.address;
      expect(await ask(at, "/healthz?verbose")).toEqual({
        status: 200,
        type: "application/json; charset=utf-8",
        body: '{"status":"ok","problems":[]}\n',
      });
      expect(await ask(at, "/readyz")).toMatchObject({
        status: 503,
        body: '{"status":"failing","problems":["main/[secret] is starting"]}\n',
      });
      expect(await ask(at, "/metrics")).toEqual({
        status: 200,
        type: "text/plain; version=0.0.4; charset=utf-8",
        body: "up 1\n",
      });
      expect((await ask(at, "/else")).status).toBe(404);
      expect((await ask(at, "/healthz", "POST")).status).toBe(405);
      expect(await ask(at, "/healthz", "HEAD")).toMatchObject({ status: 200, body: "" });
      const port = Number(at.split(":")[1]);
      await expect(serveObserved({ host: "127.0.0.1", port }, observed)).rejects.toMatchObject({
        code: "CDC_HEALTH_ADDRESS",
        message: `--health cannot listen on 127.0.0.1:${String(port)}: the port is taken`,
      });
    } finally {
      await server.close();
    }
  });
});
