import { isDeepStrictEqual } from "node:util";
import { QueueAdministration } from "../../databases/servicebus/administration";
import { describe } from "../../databases/servicebus/place";
import { FOR_EVER, messagesIn, type QueueCounts, type QueueState } from "../../databases/servicebus/queue-settings";
import { CdcError } from "../../lib/errors";
import { changedSettings, FIXED_SETTINGS, queueSettingFaults, type QueueSettings } from "../../model/event-queue";
import { queueNameFault } from "../../model/queue-name";
import { planEventQueue } from "../../sql/plans/event-queue";
import { queueSettingsOf, type EventQueueOutputs, type EventQueueProps } from "../../sql/plans/event-queue-props";
import { configureConnections, destroyIsForced, serviceBusConfigOf } from "./connections";
import { hasUnknown, type CheckFailure, type DynamicProvider, type Properties } from "./dynamic-provider";
import { asProperties, idOf, identityFailures, propsOf } from "./properties";
import { forEngine } from "./provider-error";

const KIND = { noun: "EventQueue", identity: ["connection", "name"] } as const;

/** A queue of Service Bus, made and read through its administration. */
export const eventQueue: DynamicProvider = {
  // Not async inside: the SDK hands the provider to other calls before this promise is done.
  configure: (request) => {
    configureConnections(request);
    return Promise.resolve();
  },
  check: (olds, news) => forEngine(() => Promise.resolve({ inputs: { ...news }, failures: failures(olds, news) })),
  diff: (_id, olds, news) => forEngine(() => Promise.resolve({ changes: differs(olds, news) })),
  create: (inputs) =>
    forEngine(async () => {
      const news = propsOf<EventQueueProps>(inputs);
      return { id: idOf(KIND, news), outs: asProperties(await converge(news, undefined)) };
    }),
  read: (id, props) =>
    forEngine(async () => {
      const found = await look(propsOf<EventQueueOutputs>(props));
      return found === undefined ? {} : { id, props: asProperties(found) };
    }),
  update: (_id, olds, news) =>
    forEngine(async () => ({
      outs: asProperties(await converge(propsOf<EventQueueProps>(news), propsOf<EventQueueOutputs>(olds))),
    })),
  delete: (_id, props) => forEngine(() => remove(propsOf<EventQueueOutputs>(props))),
};

function failures(olds: Properties, news: Properties): CheckFailure[] {
  if (hasUnknown(news) || isDeepStrictEqual(olds, news)) return [];
  const wanted = propsOf<EventQueueProps>(news);
  const nameFault = queueNameFault(wanted.name);
  const known = Object.keys(olds).length === 0 || hasUnknown(olds) ? undefined : propsOf<EventQueueOutputs>(olds);
  return [
    ...identityFailures(KIND, olds, news),
    ...(nameFault === undefined ? [] : [{ property: "name", reason: nameFault }]),
    ...queueSettingFaults(queueSettingsOf(wanted)).map(({ setting, fault }) => ({ property: setting, reason: fault })),
    ...planEventQueue(known, wanted).failures,
  ];
}

// How many messages it holds, and what an older program left out, is no difference.
function differs(olds: Properties, news: Properties): boolean {
  if (hasUnknown(news)) return true;
  const [before, after] = [propsOf<EventQueueOutputs>(olds), propsOf<EventQueueProps>(news)];
  const isSettled = changedSettings(queueSettingsOf(before), queueSettingsOf(after)).length === 0;
  const wasLimited = before.timeToLive !== undefined && after.timeToLive === undefined;
  return !isSettled || wasLimited || (before.allowLoss ?? false) !== (after.allowLoss ?? false);
}

/** Makes the queue what the inputs say, whatever it is now. */
async function converge(inputs: EventQueueProps, olds: EventQueueOutputs | undefined): Promise<EventQueueOutputs> {
  const administration = administrationOf(inputs);
  const settings = queueSettingsOf(inputs);
  for (;;) {
    const actual = await administration.read(inputs.name);
    if (actual === undefined) {
      // Somebody may make it in this moment: then it is looked at again.
      if (await administration.create(inputs.name, settings)) return { ...inputs, madeByUs: true };
      continue;
    }
    refuseOthers(inputs, actual);
    const changed = changedSettings(actual.settings, settings);
    const isUnlimited = settings.timeToLive === undefined && olds?.timeToLive !== undefined;
    const wanted = isUnlimited ? { ...settings, timeToLive: FOR_EVER } : settings;
    if (changed.length > 0 || isUnlimited) await administration.update(inputs.name, wanted);
    return { ...inputs, madeByUs: olds?.madeByUs ?? actual.isOurs };
  }
}

/** What the queue can't become while it is there. */
function refuseOthers(inputs: EventQueueProps, { settings, isPartitioned }: QueueState): void {
  const changed = changedSettings(settings, queueSettingsOf(inputs));
  const fixed = FIXED_SETTINGS.filter((setting) => changed.includes(setting));
  const reasons = [
    ...fixed.map((setting) => `${setting} is ${String(settings[setting])}`),
    ...(isPartitioned ? ["it is partitioned, and takes no batch with several keys"] : []),
  ];
  if (reasons.length === 0) return;
  throw new CdcError("CDC_QUEUE_REFUSED", `the queue ${inputs.name} is there and isn't fit: ${reasons.join(", ")}`, {
    hint: "That can't be changed while it is there: remove it when it is empty, or name another queue.",
  });
}

async function look(known: EventQueueOutputs): Promise<EventQueueOutputs | undefined> {
  const administration = administrationOf(known);
  const actual = await administration.read(known.name);
  if (actual === undefined) return undefined;
  const { active, scheduled, deadLetter } = await administration.counts(known.name);
  const { timeToLive, maxSizeInMegabytes, maxMessageSizeInKilobytes, ...rest } = known;
  return { ...rest, ...askedFor(known, actual), messages: active + scheduled, deadLetters: deadLetter };
}

const OPTIONAL = new Set<string>(["timeToLive", "maxSizeInMegabytes", "maxMessageSizeInKilobytes"]);

/** The settings as they are; without what is so by the namespace's own choice, since nobody asked for it. */
function askedFor(known: EventQueueOutputs, { settings }: QueueState): QueueSettings {
  const asked = Object.entries(settings).filter(([name]) => !OPTIONAL.has(name) || Object.hasOwn(known, name));
  return Object.fromEntries(asked) as unknown as QueueSettings;
}

async function remove({ madeByUs, allowLoss = false, ...props }: EventQueueOutputs): Promise<void> {
  const administration = administrationOf(props);
  if (!madeByUs) {
    process.stderr.write(
      `${describe(serviceBusConfigOf(props))}: the queue ${props.name} stays: it was there before\n`,
    );
    return;
  }
  if ((await administration.read(props.name)) === undefined) return;
  const counts = await administration.counts(props.name);
  if (messagesIn(counts) > 0 && !allowLoss && !destroyIsForced()) throw holding(props.name, counts);
  await administration.remove(props.name);
}

function holding(name: string, counts: QueueCounts): CdcError {
  const dead = counts.deadLetter === 0 ? "" : `, ${String(counts.deadLetter)} of them dead letters`;
  return new CdcError(
    "CDC_QUEUE_HOLDS_MESSAGES",
    `the queue ${name} holds ${String(messagesIn(counts))} messages${dead}`,
    {
      hint: "Let its readers take them, or destroy with --force (allowLoss in a program) to lose them.",
    },
  );
}

function administrationOf(props: { readonly connection: string }): QueueAdministration {
  return new QueueAdministration(serviceBusConfigOf(props));
}
