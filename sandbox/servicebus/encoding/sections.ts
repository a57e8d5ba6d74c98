import { endOf, numberAt } from "./values";

/** Codes of a message's sections. */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

/** A section in a message's bytes. */
export interface Section {
  readonly code: number;
  readonly start: number;
  /** Where its value starts. */
  readonly value: number;
  readonly end: number;
}

/** The sections of an encoded message, in order. Throws RangeError. */
export function sectionsOf(bytes: Buffer): Section[] {
  const sections: Section[] = [];
  for (let start = 0; start < bytes.length; start = sections.at(-1)?.end ?? bytes.length) {
    const value = sectionValue(bytes, start);
    sections.push({ code: sectionCode(bytes, start), start, value, end: endOf(bytes, value) });
  }
  return sections;
}

/** Where the value of the section that starts there starts. Throws RangeError. */
export function sectionValue(bytes: Buffer, start: number): number {
  if (bytes[start] !== 0) throw new RangeError("A section has no descriptor.");
  return endOf(bytes, start + 1);
}

/** The code of the section that starts there. */
export function sectionCode(bytes: Buffer, start: number): number {
  return numberAt(bytes, start + 1) ?? 0;
}
