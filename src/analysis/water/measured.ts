import { Decimal } from '../../domain/decimal.ts';

/** A number as a laboratory or a station writes it. `detectionLimit` is set where the result lies below it. */
export interface Measured {
  value: Decimal;
  detectionLimit: Decimal | null;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const BELOW = /^(?:[<＜]\s*(?<before>\S+)|(?<after>\S+?)\s*[L]|[<＜]\s*(?<both>\S+?)\s*[L])$/i;

/**
 * Reads `0.31`, `<0.025` or `0.025L`. A result below the detection limit becomes `share` of that limit and stays marked.
 * Null for anything else, `ND` included: without the limit it has no value. Source: 环办监测函〔2020〕82号, point 7.
 */
export function parseMeasured(text: string, share: Decimal): Measured | null {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return { value: new Decimal(trimmed), detectionLimit: null };
  const groups = BELOW.exec(trimmed)?.groups;
  const limitText = groups?.both ?? groups?.before?.replace(/L$/i, '') ?? groups?.after;
  if (limitText === undefined || !NUMBER.test(limitText)) return null;
  const detectionLimit = new Decimal(limitText);
  return { value: detectionLimit.times(share), detectionLimit };
}
