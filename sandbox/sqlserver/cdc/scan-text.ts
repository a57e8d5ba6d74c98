import { datetimeOf } from "../catalog/view";
import type { ViewRow } from "../catalog/view";
import { lsnText } from "../storage/lsn";
import { maxLsn } from "./capture";
import { mappingRows } from "./cleanup";
import type { CdcState } from "./state";

/** The one row of sys.dm_cdc_log_scan_sessions: what the capture job has done so far. */
export function scanText(cdc: CdcState): ViewRow {
  const last = mappingRows(cdc).at(-1);
  return {
    session_id: 1,
    start_time: datetimeOf(cdc.lastScanAt),
    end_time: datetimeOf(cdc.lastScanAt),
    duration: 0,
    scan_phase: "Done",
    error_count: cdc.errors.length,
    end_lsn: lsnText(maxLsn(cdc)),
    tran_count: BigInt(cdc.transactionsScanned),
    last_commit_lsn: lsnText(maxLsn(cdc)),
    last_commit_time: last?.endedAt ?? null,
    last_commit_cdc_lsn: lsnText(maxLsn(cdc)),
    last_commit_cdc_time: last?.endedAt ?? null,
    latency: 0,
    empty_scan_count: cdc.scans,
    failed_sessions_count: 0,
  };
}
