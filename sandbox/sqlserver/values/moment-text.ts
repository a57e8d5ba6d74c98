import { unsupported } from "../errors";
import { civilDay, type DayTime } from "./calendar";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What a moment's text may show. */
export interface MomentShape {
  readonly hasDate: boolean;
  readonly hasTime: boolean;
  /** Digits after the second. */
  readonly scale: number;
  /** Minutes east of UTC, where the type has an offset. */
  readonly offset?: number;
}

interface Parts {
  readonly y: string;
  readonly yy: string;
  readonly mo: string;
  readonly d: string;
  readonly mon: string;
  readonly dPad: string;
  readonly hms: string;
  readonly fraction: string;
  readonly millis: string;
  readonly clock: string;
}

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

function partsOf({ days, ticks }: DayTime, scale: number): Parts {
  const { year, month, day } = civilDay(days);
  const seconds = Math.floor(ticks / 10_000_000);
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = pad(ticks % 10_000_000, 7);
  return {
    y: pad(year, 4),
    yy: pad(year % 100),
    mo: pad(month),
    d: pad(day),
    mon: MONTHS[month - 1] ?? "",
    dPad: String(day).padStart(2, " "),
    hms: `${pad(hour)}:${pad(minute)}:${pad(seconds % 60)}`,
    fraction: scale > 0 ? `.${rest.slice(0, scale)}` : "",
    millis: rest.slice(0, 3),
    clock: `${String(hour % 12 === 0 ? 12 : hour % 12).padStart(2, " ")}:${pad(minute)}${hour < 12 ? "AM" : "PM"}`,
  };
}

type Style = (p: Parts) => readonly [date: string, separator: string, time: string];

const STYLES: Readonly<Record<number, Style>> = {
  0: (p) => [`${p.mon} ${p.dPad} ${p.y}`, " ", p.clock],
  1: (p) => [`${p.mo}/${p.d}/${p.yy}`, "", ""],
  3: (p) => [`${p.d}/${p.mo}/${p.yy}`, "", ""],
  4: (p) => [`${p.d}.${p.mo}.${p.yy}`, "", ""],
  12: (p) => [`${p.yy}${p.mo}${p.d}`, "", ""],
  20: (p) => [`${p.y}-${p.mo}-${p.d}`, " ", p.hms],
  21: (p) => [`${p.y}-${p.mo}-${p.d}`, " ", p.hms + p.fraction],
  23: (p) => [`${p.y}-${p.mo}-${p.d}`, "", ""],
  101: (p) => [`${p.mo}/${p.d}/${p.y}`, "", ""],
  102: (p) => [`${p.y}.${p.mo}.${p.d}`, "", ""],
  103: (p) => [`${p.d}/${p.mo}/${p.y}`, "", ""],
  104: (p) => [`${p.d}.${p.mo}.${p.y}`, "", ""],
  105: (p) => [`${p.d}-${p.mo}-${p.y}`, "", ""],
  106: (p) => [`${p.d} ${p.mon} ${p.y}`, "", ""],
  107: (p) => [`${p.mon} ${p.d}, ${p.y}`, "", ""],
  108: (p) => ["", "", p.hms],
  110: (p) => [`${p.mo}-${p.d}-${p.y}`, "", ""],
  111: (p) => [`${p.y}/${p.mo}/${p.d}`, "", ""],
  112: (p) => [`${p.y}${p.mo}${p.d}`, "", ""],
  114: (p) => ["", "", p.fraction === "" ? `${p.hms}:${p.millis}` : `${p.hms}:${p.fraction.slice(1)}`],
  126: (p) => [`${p.y}-${p.mo}-${p.d}`, "T", p.hms + p.fraction],
};

const SAME_AS: Readonly<Record<number, number>> = {
  100: 0,
  120: 20,
  121: 21,
  25: 21,
  127: 126,
  8: 108,
  24: 108,
  14: 114,
};

/** The moment as CONVERT writes it in that style. Throws for a style that isn't written here. */
export function momentText(moment: DayTime, shape: MomentShape, style: number): string {
  const format = STYLES[SAME_AS[style] ?? style];
  if (!format) throw unsupported(`style ${style} of CONVERT for dates`);
  const [date, separator, time] = format(partsOf(moment, shape.scale));
  const zone = shape.offset === undefined || time === "" || style === 0 ? "" : offsetText(shape.offset, style);
  if (shape.hasDate && shape.hasTime) return `${date}${separator}${time}${zone}`;
  return shape.hasDate ? date : `${time}${zone}`;
}

/** An offset as ` +05:30`, or `+05:30` in the ISO style. */
export function offsetText(minutes: number, style: number): string {
  const size = Math.abs(minutes);
  const iso = style === 126 || style === 127;
  return `${iso ? "" : " "}${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
