import { useMemo } from 'react';
import {
  useJurisdictions,
  useParameters,
  useRegion,
  useScales,
  useStandards,
  useSummary,
} from './api/queries.ts';
import type { Parameter, Scales, Text } from './api/types.ts';
import { fullTime, shortTime } from './format/time.ts';
import { shownText } from './format/number.ts';
import { useWords } from './i18n/language.ts';

/** Until the region's own zone is known; every region so far lies in it. */
const defaultZone = 'Asia/Shanghai';

export interface Facts {
  zone: string;
  short(at: string | number): string;
  full(at: string | number): string;
  parameter(id: string): Parameter | undefined;
  parameterName(id: string): string;
  /** Localised unit; empty for none. */
  unitOf(id: string): string;
  shown(id: string, value: number): string;
  place(code: string | null): string;
  standard(id: string | null): string;
  scales: Scales | undefined;
  gradeName(kind: 'water' | 'air', grade: number): string;
  age(minutes: number): string;
}

/** What every page looks up: names, units, zone. Facts of the API only. */
export function useFacts(): Facts {
  const words = useWords();
  const { t, pick, word } = words;
  const zone = useRegion().data?.result.timeZone ?? defaultZone;
  const parameters = useParameters().data?.results;
  const jurisdictions = useJurisdictions().data?.results;
  const standards = useStandards().data?.results;
  const scales = useScales().data?.result;
  return useMemo(() => {
    const parameterOf = new Map((parameters ?? []).map((one) => [one.id, one]));
    const placeOf = new Map((jurisdictions ?? []).map((one) => [one.code, one.name]));
    const titleOf = new Map((standards ?? []).map((one) => [one.id, one.title]));
    const named = (text: Text | undefined, fallback: string) => (text === undefined ? fallback : pick(text));
    return {
      zone,
      short: (at) => shortTime(at, zone),
      full: (at) => fullTime(at, zone),
      parameter: (id) => parameterOf.get(id),
      parameterName: (id) => named(parameterOf.get(id)?.name, id),
      unitOf: (id) => {
        const unit = parameterOf.get(id)?.unit ?? null;
        if (unit === null) return '';
        return word('unit', unit) === unit ? unit : '';
      },
      shown: (id, value) => shownText(value, parameterOf.get(id)?.displayDecimals ?? 2),
      place: (code) => (code === null ? t('station.unknown') : named(placeOf.get(code), code)),
      standard: (id) => (id === null ? '' : named(titleOf.get(id), id)),
      scales,
      gradeName: (kind, grade) =>
        named(scales?.[kind].grades.find((one) => one.grade === grade)?.name, String(grade)),
      age: (minutes) => ageText(t, minutes),
    };
  }, [zone, parameters, jurisdictions, standards, scales, t, pick, word]);
}

/** The server's now, to the minute: a page must not trust the clock it runs on. Null until it is known. */
export function useNow(): number | null {
  const now = useSummary().data?.result.now;
  return now === undefined ? null : Date.parse(now);
}

function ageText(t: ReturnType<typeof useWords>['t'], minutes: number): string {
  if (minutes < 120) return t('age.minutes', { n: minutes });
  if (minutes < 2880) return t('age.hours', { n: Math.floor(minutes / 60) });
  return t('age.days', { n: Math.floor(minutes / 1440) });
}
