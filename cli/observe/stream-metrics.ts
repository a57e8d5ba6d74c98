import type { SourceProgress, StreamStatus, TableProgress, TableState } from "../../stream/stream-events";
import type { MetricFamily, MetricSample } from "./exposition";
import type { StreamObserver } from "./observer";
import { processMetrics } from "./process-metrics";

const SOURCE_STATES: readonly SourceProgress["state"][] = [
  "starting",
  "streaming",
  "idle",
  "retrying",
  "standby",
  "stopped",
];
const TABLE_STATES: readonly TableState[] = ["waiting", "snapshot", "streaming", "catching_up", "stopped"];

/** Every metric of a running stream; docs/metrics.md tells what each means. */
export function streamMetrics(status: StreamStatus, observer: StreamObserver, version: string): MetricFamily[] {
  const labels = { pipeline: status.pipeline };
  return [
    gauge("cdc_info", "Version of cdc that runs.", [{ labels: { ...labels, version }, value: 1 }]),
    gauge("cdc_rows_per_second", "Changes and snapshot rows written per second, over the last seconds.", [
      { labels, value: status.eventsPerSecond },
    ]),
    ...sourceMetrics(status, observer),
    ...tableMetrics(status),
    {
      name: "cdc_window_commit_duration_seconds",
      type: "histogram",
      help: "Time from opening a window's transaction in the sink to its commit.",
      samples: observer.commits.samples(labels),
    },
    ...processMetrics(observer),
  ];
}

function sourceMetrics({ pipeline, sources }: StreamStatus, observer: StreamObserver): MetricFamily[] {
  const each = (value: (one: SourceProgress) => number | undefined): MetricSample[] =>
    sources.flatMap((one) => sampleOf({ pipeline, source: one.source }, value(one)));
  const states = sources.flatMap(({ source, state }) =>
    SOURCE_STATES.map((name) => ({ labels: { pipeline, source, state: name }, value: Number(name === state) })),
  );
  return [
    counter(
      "cdc_source_events_total",
      "Changes written to the sink.",
      each(({ events }) => events),
    ),
    counter(
      "cdc_source_transactions_total",
      "Transactions of the source written.",
      each((one) => one.transactions),
    ),
    counter(
      "cdc_source_windows_total",
      "Transactions committed in the sink.",
      each(({ commits }) => commits),
    ),
    counter(
      "cdc_source_retries_total",
      "Attempts that failed and were repeated.",
      each(({ source }) => observer.retries.get(source) ?? 0),
    ),
    gauge(
      "cdc_source_lag_seconds",
      "Age of the oldest captured change that is not in the sink; 0 when there is none.",
      each(({ lagMs }) => (lagMs === undefined ? undefined : lagMs / 1000)),
    ),
    gauge(
      "cdc_source_position_age_seconds",
      "Time since the position was seen to move.",
      each(({ source }) => observer.positionAgeSeconds(source)),
    ),
    gauge("cdc_source_state", "1 for the state that the source is in, 0 for the others.", states),
  ];
}

function tableMetrics({ pipeline, tables }: StreamStatus): MetricFamily[] {
  const each = (value: (one: TableProgress) => number): MetricSample[] =>
    tables.map((one) => ({ labels: labelsOf(pipeline, one), value: value(one) }));
  const counts = TABLE_STATES.map((state) => ({
    labels: { pipeline, state },
    value: tables.filter((one) => one.state === state).length,
  }));
  const states = tables.map((one) => ({ labels: { ...labelsOf(pipeline, one), state: one.state }, value: 1 }));
  return [
    gauge("cdc_tables", "Tables by state.", counts),
    gauge("cdc_table_state", "1 for the state that the table is in; the others are absent.", states),
    counter(
      "cdc_table_events_total",
      "Changes written to the table.",
      each(({ events }) => events),
    ),
    gauge(
      "cdc_table_dead_letters",
      "Events that could not be stored and wait in the dead letters.",
      each(({ deadLetters }) => deadLetters),
    ),
    gauge(
      "cdc_table_snapshot_rows_expected",
      "About how many rows the running snapshot will copy.",
      tables.flatMap((one) => sampleOf(labelsOf(pipeline, one), one.snapshotTotal)),
    ),
    gauge(
      "cdc_table_snapshot_rows",
      "Rows copied by the running or last snapshot.",
      each((one) => one.snapshotRows),
    ),
  ];
}

function labelsOf(pipeline: string, { source, schema, table, tenant }: TableProgress): Record<string, string> {
  return { pipeline, source, schema, table, ...(tenant === undefined ? {} : { tenant }) };
}

function sampleOf(labels: Readonly<Record<string, string>>, value: number | undefined): MetricSample[] {
  return value === undefined ? [] : [{ labels, value }];
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: "counter", help, samples };
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: "gauge", help, samples };
}
