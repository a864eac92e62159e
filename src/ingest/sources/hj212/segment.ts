import { stampS, utcText } from './stamp.ts';
import type { FlagBits, ItemFault, Message, Profile, Refusal, RefusalReason } from './profile.ts';

const OPENING = 'CP=&&';
/** Suffixes whose value is a number. Any other suffix stays text. */
const NUMERIC = new Set(
  'Rtd Min Avg Max Cou ZsRtd ZsMin ZsAvg ZsMax ZsCou Data DayData NightData'.split(' '),
);
/** Codes of HJ 524/525, equipment, noise; then those of the 2005 edition. Others are taken with a warning. */
const MODERN_CODE = /^(?:[a-z]\d{5}|SB\d+|LA|Leq|Ldn|Ld|Ln|LMx|LMn|L\d{1,2})$/i;
const LEGACY_CODE = /^(?:\d{2,3}|[A-Z]\d{2})$/i;
const EPC96 = /^[0-9A-Fa-f]{24}$/;
const TIMES = new Set(['DataTime', 'SystemTime', 'BeginTime', 'EndTime', 'RestartTime']);
/** What the standard lets a sender fill a segment with. */
const SEGMENT_LIMIT_BYTES = 1024;

export function refusal(
  error: RefusalReason,
  detail: string,
  at: { field?: string; item?: string } = {},
): Refusal {
  return { ok: false, error, detail, ...at };
}

/** Reads Flag. Null for anything but a whole number from 0 to 255. */
export function flagBits(text: string): FlagBits | null {
  if (!/^\d{1,3}$/.test(text)) return null;
  const raw = Number(text);
  if (raw > 255) return null;
  return { raw, versionBits: raw >> 2, hasPacketNo: (raw & 2) !== 0, needAck: (raw & 1) !== 0 };
}

interface Gathered {
  params: Record<string, string>;
  factors: Record<string, Record<string, string>>;
  warnings: Set<string>;
  faults: ItemFault[];
}

/** Reads the text of a data segment. Pure; never throws for what it is given. */
export function parseSegment(
  text: string,
  of: { segmentLength: number; crc: string },
  profile: Profile,
  warned: readonly string[] = [],
): Message | Refusal {
  const opening = text.indexOf(OPENING);
  if (opening < 0) return refusal('CP', 'the segment has no CP=&&');
  const from = opening + OPENING.length;
  const to = text.length - 2;
  if (to < from || !text.endsWith('&&')) return refusal('CP', 'the data area is not closed by && at the end');
  const warnings = new Set(warned);
  const read = readHead(text.slice(0, opening), warnings);
  if ('error' in read) return read;
  const { fields } = read;
  const head = checkHead(fields, profile, warnings);
  if ('error' in head) return head;
  const gathered = gather(text, from, to, warnings);
  const fault = checkValues(gathered);
  if (fault !== null && profile.badItems === 'refuse-frame')
    return refusal(fault.error, `${fault.item}=${fault.value}`, { item: fault.item });
  const dataTimeS = gathered.params['DataTime'] === undefined ? null : stampS(gathered.params['DataTime']);
  if (of.segmentLength > SEGMENT_LIMIT_BYTES) warnings.add('segment-over-1024');
  return {
    ok: true,
    ...of,
    fields,
    flag: head.flag,
    packet: head.packet,
    params: gathered.params,
    factors: gathered.factors,
    ...(dataTimeS === null ? {} : { dataTimeUtc: utcText(dataTimeS) }),
    warnings: [...warnings].sort(),
    ...(gathered.faults.length === 0 ? {} : { itemFaults: gathered.faults }),
  };
}

/** A record without a prototype, so that a field called __proto__ is a field; made by a constructor, which V8 keeps fast. */
const EmptyRecord = function () {} as unknown as new () => Record<string, never>;
EmptyRecord.prototype = Object.create(null) as object;

function emptyRecord<T>(): Record<string, T> {
  return new EmptyRecord();
}

const DOT = 0x2e;

/** Optional sign, digits, optional fraction: what the protocol calls a number. */
export function isNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  let digits = 0;
  let dots = 0;
  for (let at = first === 0x2b || first === 0x2d ? 1 : 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) digits += 1;
    else if (code === DOT && dots === 0 && digits > 0) dots = at;
    else return false;
  }
  return digits > 0 && (dots === 0 || dots < text.length - 1);
}

/** The head as an unordered map; order and presence vary between senders. */
function readHead(head: string, warnings: Set<string>): { fields: Record<string, string> } | Refusal {
  const fields = emptyRecord<string>();
  if (head !== '' && !head.endsWith(';')) warnings.add('separator-missing');
  for (const part of head.split(';')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals <= 0)
      return refusal('FIELD', `"${part.slice(0, 40)}" is no key=value`, { field: part.slice(0, 40) });
    const key = part.slice(0, equals).trim();
    if (fields[key] !== undefined) warnings.add('duplicate-field');
    fields[key] = part.slice(equals + 1);
  }
  return { fields };
}

function checkHead(
  fields: Record<string, string>,
  profile: Profile,
  warnings: Set<string>,
): { flag: FlagBits | null; packet: Message['packet'] } | Refusal {
  for (const field of ['ST', 'CN', 'PW', 'MN']) {
    const value = fields[field];
    // A logger that has no number yet is answered with an empty MN (2025); PW is often left empty.
    const mayBeEmpty = field === 'PW' || (field === 'MN' && fields['ST'] === '91');
    if (value === undefined || (value === '' && !mayBeEmpty))
      return refusal('FIELD', `${field} is missing`, { field });
  }
  if (!/^\d{4}$/.test(fields['CN']!)) return refusal('FIELD', 'CN must be four digits', { field: 'CN' });
  const { QN: qn, MN: mn, Flag: flagText } = fields;
  if (qn === undefined || qn === '') warnings.add('qn-missing');
  else if (stampS(qn) === null || qn.length !== 17) warnings.add('qn-malformed');
  if (fields['PW'] === '') warnings.add('pw-empty');
  if (!EPC96.test(mn!)) warnings.add('mn-not-epc96');
  if (flagText === undefined) {
    warnings.add('flag-missing');
    return { flag: null, packet: null };
  }
  const flag = flagBits(flagText);
  if (flag === null) return refusal('FIELD', 'Flag must be a whole number from 0 to 255', { field: 'Flag' });
  if (!flag.hasPacketNo) return { flag, packet: null };
  if (profile.edition === '2005' && fields['PNUM'] === undefined && fields['PNO'] === undefined) {
    // Loggers of that edition set the bit on every frame.
    warnings.add('packet-numbers-missing');
    return { flag, packet: null };
  }
  const [count, index] = [fields['PNUM'] ?? '', fields['PNO'] ?? ''];
  const packet = { count: Number(count), index: Number(index) };
  const whole = /^\d{1,6}$/.test(count) && /^\d{1,6}$/.test(index);
  if (!whole || packet.index < 1 || packet.index > packet.count)
    return refusal('PACKET', `Flag says packet numbers; PNUM "${count}", PNO "${index}" are none`);
  return { flag, packet };
}

/** Splits the data area; `,` and `;` both separate, except inside a pair of `//` (log text). */
function gather(text: string, from: number, to: number, warnings: Set<string>): Gathered {
  const into: Gathered = { params: emptyRecord(), factors: emptyRecord(), warnings, faults: [] };
  let at = from;
  while (at < to) {
    const end = itemEnd(text, at, to);
    if (end > at) takeItem(text, at, end, into);
    at = end + 1;
  }
  return into;
}

function itemEnd(text: string, from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x3b) return at;
    if (code === 0x3d && text.startsWith('//', at + 1)) {
      const close = text.indexOf('//', at + 3);
      if (close >= 0 && close + 2 <= to) at = close + 1;
    }
  }
  return at;
}

function takeItem(text: string, from: number, end: number, into: Gathered): void {
  const equals = text.indexOf('=', from);
  if (equals <= from || equals >= end) {
    const item = text.slice(from, end).trim();
    if (item !== '') into.faults.push({ item: item.slice(0, 40), value: '', error: 'CP' });
    return;
  }
  const raw = text.slice(from, equals);
  const name = raw.trim();
  if (name !== raw) into.warnings.add('blank-in-name');
  const value = text.slice(equals + 1, end);
  const dash = name.indexOf('-');
  if (dash <= 0) {
    if (into.params[name] !== undefined) into.warnings.add('duplicate-item');
    into.params[name] = value;
    return;
  }
  const code = name.slice(0, dash);
  const suffix = name.slice(dash + 1);
  let factor = into.factors[code];
  if (factor === undefined) {
    factor = into.factors[code] = emptyRecord();
    if (!MODERN_CODE.test(code))
      into.warnings.add(LEGACY_CODE.test(code) ? 'legacy-codes' : `unknown-code:${code}`);
  }
  if (factor[suffix] !== undefined) into.warnings.add('duplicate-item');
  factor[suffix] = value;
}

/** Adds a fault for each time and number that is none; the first one in the order of refusal reasons, or null. */
function checkValues(into: Gathered): ItemFault | null {
  const { faults, params, factors } = into;
  for (const name in params) {
    const value = params[name]!;
    if (!TIMES.has(name)) continue;
    if (stampS(value) === null) faults.push({ item: name, value, error: 'DATATIME' });
    else if (name === 'DataTime' && value.length === 17) into.warnings.add('datatime-17-digits');
  }
  for (const code in factors) {
    const factor = factors[code]!;
    for (const suffix in factor) {
      const value = factor[suffix]!;
      if (suffix === 'SampleTime' && stampS(value) === null)
        faults.push({ item: `${code}-${suffix}`, value, error: 'DATATIME' });
      else if (NUMERIC.has(suffix) && !isNumber(value))
        faults.push({ item: `${code}-${suffix}`, value, error: 'VALUE' });
    }
  }
  if (faults.length === 0) return null;
  return (
    faults.find((fault) => fault.error === 'CP') ??
    faults.find((fault) => fault.error === 'DATATIME') ??
    faults[0] ??
    null
  );
}
