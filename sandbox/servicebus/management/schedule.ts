import { scheduledMessages } from "../broker/browse";
import { readContent } from "../encoding/content";
import { invalid } from "../errors";
import { longs } from "./answer-types";
import { list, numbers, type Operation } from "./request";

/** Keeps messages until their time. */
export const scheduleMessages: Operation = (request) => {
  const contents = list(request, "messages").map((entry) => {
    const { message } = entry as { readonly message?: unknown };
    if (!Buffer.isBuffer(message)) throw invalid("A message to schedule isn't there.");
    return readContent(message);
  });
  return { "sequence-numbers": longs(request.queue.schedule(contents)) };
};

/** Takes scheduled messages back: all or none. */
export const cancelScheduledMessages: Operation = (request) => {
  const { store } = request;
  const found = scheduledMessages(store, numbers(request, "sequence-numbers"));
  for (const message of found) store.remove(message);
  return {};
};
