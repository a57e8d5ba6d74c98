import type { MetricFamily } from "./exposition";
import type { StreamObserver } from "./observer";

/** What this process uses, by the names that Prometheus' own clients give it. */
export function processMetrics(observer: StreamObserver): MetricFamily[] {
  const { user, system } = process.cpuUsage();
  return [
    one("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", process.memoryUsage.rss()),
    one("process_cpu_seconds_total", "counter", "User and system CPU time in seconds.", (user + system) / 1e6),
    one("process_start_time_seconds", "gauge", "Start of the stream, since the epoch.", observer.startedMs / 1000),
    one("nodejs_eventloop_lag_seconds", "gauge", "How late the event loop's timers are.", observer.loopDelaySeconds()),
  ];
}

function one(name: string, type: "counter" | "gauge", help: string, value: number): MetricFamily {
  return { name, type, help, samples: [{ labels: {}, value }] };
}
