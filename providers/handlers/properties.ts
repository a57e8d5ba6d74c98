import { CdcError } from "../../lib/errors";
import { unpackProps } from "../../sql/plans/packed";
import { SCHEMA_VERSION } from "../../sql/plans/props";
import type { CheckFailure, Properties } from "./dynamic-provider";

/** What names the objects of one kind of resource. */
export interface Identity {
  readonly noun: string;
  readonly identity: readonly string[];
}

/** The properties without `__provider`; state of an older program is brought to the present version here. */
export function propsOf<P extends object>(properties: Properties): P {
  const { __provider, ...props } = properties;
  const version = Number(props["schemaVersion"] ?? 0);
  if (version > SCHEMA_VERSION) {
    throw new CdcError(
      "CDC_STATE_NEWER",
      `the state was written by a newer version of pulumi-cdc (version ${String(version)})`,
      {
        hint: "Update pulumi-cdc, then run again.",
      },
    );
  }
  return unpackProps({ ...props, schemaVersion: SCHEMA_VERSION }) as unknown as P;
}

export function asProperties(props: object): Properties {
  return { ...props };
}

/** What two states are compared by: an engine may drop undefined properties, and an older state has another version. */
export function comparable(properties: Properties): Properties {
  const { __provider, schemaVersion, ...rest } = properties;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null));
}

/** Failures for properties that would make the resource another object. */
export function identityFailures({ noun, identity }: Identity, olds: Properties, news: Properties): CheckFailure[] {
  const changed = identity.filter((name) => olds[name] !== undefined && olds[name] !== news[name]);
  return changed.map((property) => ({
    property,
    reason:
      `changing it from ${JSON.stringify(olds[property])} to ${JSON.stringify(news[property])} would make another ` +
      `${noun} and leave this one behind; destroy this stack first, or deploy the new one as a stack of its own`,
  }));
}

export function idOf({ identity }: Identity, props: object): string {
  return identity.map((name) => String((props as Properties)[name])).join("/");
}
