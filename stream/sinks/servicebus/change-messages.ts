import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import { oldKeyPosition, parsePosition } from "../../../model/position";
import { Rejection } from "../../rejection";
import { textOf, type Change } from "./change";
import { withinLimit } from "./identity";
import { keyText, missingColumn } from "./key-text";
import type { TableRoute } from "./table-route";

/** The metadata that a message has as properties too, for filters. */
const PROPERTIES = [
  ["lsn", "LSN"],
  ["position", "Position"],
  ["commitTime", "CommitTime"],
] as const;

/**
 * The messages of a change: one; and when a row gets another key, the delete of the old one first, in the session
 * that the row had so far: who reads that one must see it go.
 */
export function messagesOf(change: Change, route: TableRoute): readonly OutgoingMessage[] | Rejection {
  const columns = route.keyOf(change);
  if (columns === undefined) return [messageOf(change, route, undefined)];
  const { data, before, operation } = change;
  const key = keyText(columns, data, before);
  if (key === undefined)
    return new Rejection(`the row lacks "${missingColumn(columns, data, before) ?? ""}" of its key`);
  const message = messageOf(change, route, key);
  if (operation !== "Update") return [message];
  const oldKey = keyText(columns, before, data);
  return oldKey === undefined || oldKey === key ? [message] : [goodbye(change, route, oldKey), message];
}

function messageOf(change: Change, route: TableRoute, key: string | undefined): OutgoingMessage {
  return {
    messageId: route.identities.next(change, key),
    sessionId: withinLimit(route.sessionOf(key)),
    subject: route.subject,
    body: change.line,
    common: route.propertiesOf(change),
    properties: propertiesOf(change),
  };
}

function propertiesOf({ metadata }: Change): readonly string[] {
  const properties: string[] = [];
  for (const [name, key] of PROPERTIES) {
    const value = textOf(metadata, key);
    if (value !== undefined) properties.push(name, value);
  }
  return properties;
}

/** The delete that an update with another key means for the old one. */
function goodbye(change: Change, route: TableRoute, oldKey: string): OutgoingMessage {
  const position = parsePosition(textOf(change.metadata, "Position") ?? "");
  const metadata = {
    ...change.metadata,
    OperationType: "Delete",
    ...(position === undefined ? {} : { Position: oldKeyPosition(position) }),
  };
  const line = Buffer.from(JSON.stringify({ data: change.before, metadata }));
  return messageOf({ ...change, line, operation: "Delete", data: change.before, metadata }, route, oldKey);
}
