import { changedSettings, FIXED_SETTINGS, type QueueSettings } from "../../model/event-queue";
import { NO_HAZARD, type Hazard } from "../../model/hazard";
import { EMPTY_PLAN, planOf, type Change, type Plan } from "../plan";
import { queueSettingsOf, type EventQueueOutputs, type EventQueueProps } from "./event-queue-props";

const MESSAGES_GO: Hazard = { ...NO_HAZARD, dataLoss: true, text: "messages that it holds go; refused without force" };

/** What a preview tells of a queue. There are no statements: the administration of Service Bus is asked. */
export function planEventQueue(olds: EventQueueOutputs | undefined, news: EventQueueProps | undefined): Plan {
  if (news === undefined) return olds === undefined || !olds.madeByUs ? EMPTY_PLAN : planOf([removed(olds)]);
  if (olds === undefined) return planOf([change("QUEUE_ADDED", news.name, `queue ${summaryOf(news)}`)]);
  const before = queueSettingsOf(olds);
  const after = queueSettingsOf(news);
  const changed = changedSettings(before, after);
  const fixed = FIXED_SETTINGS.filter((setting) => changed.includes(setting));
  return planOf(
    changed.map((setting) => settingChanged(news.name, setting, before, after)),
    fixed.map((property) => ({ property, reason: `can't be changed while the queue is there: ${NEW_QUEUE}` })),
  );
}

const NEW_QUEUE = "give the queue another name, or destroy it first";

function settingChanged(
  name: string,
  setting: keyof QueueSettings,
  before: QueueSettings,
  after: QueueSettings,
): Change {
  const [from, to] = [before[setting], after[setting]].map((value) => String(value ?? "unlimited"));
  return change("QUEUE_CHANGED", name, `${setting} ${from ?? ""} -> ${to ?? ""}`);
}

function summaryOf(props: EventQueueProps): string {
  const { requiresSession, duplicateDetection, duplicateWindow } = queueSettingsOf(props);
  const sessions = requiresSession ? "with sessions" : "without sessions";
  return duplicateDetection ? `${sessions}, no duplicates within ${duplicateWindow}` : sessions;
}

function removed({ name }: EventQueueOutputs): Change {
  return { ...change("QUEUE_REMOVED", name, "queue is removed"), severity: "warning", hazard: MESSAGES_GO };
}

function change(kind: string, object: string, summary: string): Change {
  return { kind, severity: "info", object, summary, hazard: NO_HAZARD, sql: [] };
}
