/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

const LOOPBACK = "127.0.0.1";

/** `9464`, `0.0.0.0:9464` or `[::]:9464`; only this machine gets in unless a host is named. Undefined when it is none of them. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, ipv6, name, digits] = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  if (digits === undefined || Number(digits) > 65_535) return undefined;
  return { host: ipv6 ?? name ?? LOOPBACK, port: Number(digits) };
}
