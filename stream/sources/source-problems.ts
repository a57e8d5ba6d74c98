import { CdcError } from "../../lib/errors";
import { NO_LSN, type Lsn } from "../../model/lsn";

/** Nothing was ever captured in a source, not even that capture began. */
export function agentStopped(source: string): CdcError {
  return new CdcError(
    "CDC_SOURCE_AGENT_STOPPED",
    `source ${source}: nothing was captured yet, not even the beginning: the capture job does not run`,
    {
      hint: "Start SQL Server Agent (in a container: MSSQL_AGENT_ENABLED=true); sys.dm_cdc_errors and msdb.dbo.sysjobhistory tell why a job fails.",
    },
  );
}

/** A source's history is another one than that which was read, or ends before. */
export function sourceRewound(source: string, position: Lsn, maxLsn: Lsn = NO_LSN, hint = COPY_ANEW): CdcError {
  const what =
    maxLsn < position
      ? `its log ends at 0x${maxLsn}, and it was read up to 0x${position}: a backup was restored, or a replica has not caught up`
      : `the transaction at 0x${position}, up to which it was read, is another one or gone: a backup was restored`;
  return new CdcError("CDC_SOURCE_REWOUND", `source ${source}: ${what}`, { hint });
}

const COPY_ANEW = "When the history is another one now, `snapshot: when_needed` copies the tables anew.";
