import type { IPoint } from 'influx';
import type { ArchiveMark, VersionColumns } from '../../../domain/archive.ts';
import { versionAt, type PastVersion, type Version } from '../versions.ts';
import { linePoint, measurements, pastFields, standaloneFields, tagsOf, type PointKey } from './points.ts';

/** Lines of archived points: their past, and what stands. */
export interface TakenBack {
  past: IPoint[];
  standing: IPoint[];
}

/** All versions of one point's readings: `asides` never were the current one at any position. */
interface Point {
  asides: Map<string, PastVersion[]>;
  stood: Map<string, (PastVersion | Version)[]>;
}

/**
 * The wide points that entries made of these readings, made again at once from the versions instead of entry by entry: a version of
 * the point begins with every entry that began one of a reading. `slices` hold all versions of a point between them.
 */
export function takenBack(mark: ArchiveMark, slices: readonly VersionColumns[]): TakenBack {
  const lines: TakenBack = { past: [], standing: [] };
  const { averaging, provider } = mark;
  for (const [station, points] of pointsOf(slices))
    for (const [timeS, point] of points) addLines(lines, { station, averaging, provider, timeS }, point);
  return lines;
}

function pointsOf(slices: readonly VersionColumns[]): Map<string, Map<number, Point>> {
  const stations = new Map<string, Map<number, Point>>();
  for (const slice of slices)
    for (let row = 0; row < slice.length; row++) {
      const points = stations.get(slice.station[row]!) ?? new Map<number, Point>();
      stations.set(slice.station[row]!, points);
      const point = points.get(slice.timeS[row]!) ?? { asides: new Map(), stood: new Map() };
      points.set(slice.timeS[row]!, point);
      addVersion(point, slice, row);
    }
  return stations;
}

function addVersion(point: Point, slice: VersionColumns, row: number): void {
  const version = versionAt(slice, row);
  const parameter = slice.parameter[row]!;
  if ('seqEnd' in version && version.seqEnd === version.seq) keep(point.asides, parameter, version);
  else keep(point.stood, parameter, version);
}

function keep<T>(versions: Map<string, T[]>, parameter: string, version: T): void {
  const known = versions.get(parameter);
  if (known === undefined) versions.set(parameter, [version]);
  else known.push(version);
}

function addLines(lines: TakenBack, key: PointKey, { asides, stood }: Point): void {
  const none = { rev: 0, publishedS: Number.NaN, held: new Map() };
  const pastLine = (version: string, fields: ReturnType<typeof pastFields>): void =>
    void lines.past.push(linePoint(measurements.past, { ...tagsOf(key), version }, key.timeS, fields));
  const begins = [...new Set([...stood.values()].flat().map(({ seq }) => seq))].sort((a, b) => a - b);
  for (const [rev, seq] of begins.entries()) {
    const point = { ...none, rev, seq, readings: standingAt(stood, seq) };
    const seqEnd = begins[rev + 1];
    if (seqEnd === undefined)
      lines.standing.push(linePoint(measurements.reading, tagsOf(key), key.timeS, standaloneFields(point)));
    else pastLine(`r${rev}`, pastFields(point, seqEnd));
  }
  const named = new Map<string, { seq: number; readings: Map<string, Version> }>();
  for (const [parameter, versions] of asides)
    for (const [seq, ofEntry] of Map.groupBy(versions, (version) => version.seq))
      for (const [nth, version] of ofEntry.entries()) {
        const aside = named.get(`s${seq}-${nth}`) ?? { seq, readings: new Map() };
        named.set(`s${seq}-${nth}`, aside);
        aside.readings.set(parameter, version);
      }
  for (const [name, aside] of named) pastLine(name, pastFields({ ...none, ...aside }, aside.seq));
}

function standingAt(stood: Point['stood'], seq: number): Map<string, Version> {
  const standing = new Map<string, Version>();
  for (const [parameter, versions] of stood) {
    const at = versions.find((one) => one.seq <= seq && (!('seqEnd' in one) || seq < one.seqEnd));
    if (at !== undefined) standing.set(parameter, at);
  }
  return standing;
}
