import type { AirStation } from '../../domain/config/region.ts';
import type { AqiStandard } from '../../domain/config/standard.ts';
import type { AveragingId } from '../../domain/time.ts';
import { aqiEditionOfHour, historyOf, judgeAqi, pollutantsNotInPlan, type AqiVerdict } from '../air/index.ts';
import { entersStatistics } from '../assessment/month-values.ts';
import type { Signal, StationData } from './signal.ts';
import type { SignalFacts } from './water-signals.ts';

/** Column names of the index report for means that are not hourly. */
const columnSuffix: Partial<Record<AveragingId, string>> = {
  PT1H: '',
  'PT8H-sliding': '_8h',
  'PT24H-sliding': '_24h',
};

const hourS = 3600;

function rowsOf(data: StationData, facts: SignalFacts): Map<number, Record<string, number | null>> {
  const byEnd = new Map<number, Record<string, number | null>>();
  for (const { key, timeS, value, flags } of data.series) {
    const suffix = columnSuffix[key.averaging];
    if (suffix === undefined) continue;
    for (let row = 0; row < timeS.length; row++) {
      const endS = key.averaging === 'PT1H' ? timeS[row]! + hourS : timeS[row]!;
      if (endS <= facts.fromS || endS > facts.throughS) continue;
      const values = byEnd.get(endS) ?? {};
      byEnd.set(endS, values);
      values[key.parameter + suffix] = entersStatistics(value[row]!, flags[row]!) ? value[row]! : null;
    }
  }
  return byEnd;
}

function judge(standard: AqiStandard, values: Record<string, number | null>): AqiVerdict {
  const notInPlan = pollutantsNotInPlan(standard, 'hourly', values);
  return judgeAqi(standard, values, { report: 'hourly', notInPlan, historyClean: historyOf(standard) });
}

/** Level of the hourly index, 1 best, one row an hour; by the edition that the hour belongs to. Source: HJ 633. */
export function aqiSignal(data: StationData & { station: AirStation }, facts: SignalFacts): Signal {
  const { config } = facts;
  const rows = [...rowsOf(data, facts)].toSorted(([a], [b]) => a - b);
  const verdicts = rows.map(([endS, values]): AqiVerdict | null => {
    const hour = { beginS: endS - hourS, endS };
    const standard = aqiEditionOfHour(config.aqiStandards, hour, config.region.timeZone);
    return standard === null ? null : judge(standard, values);
  });
  const nameOf = (id: string) =>
    config.parameters.find((one) => id.startsWith(one.id))?.name ?? { zh: id, en: id };
  return {
    subject: { station: data.station.id, parameter: null, provider: data.provider, source: null },
    beginS: Float64Array.from(rows, ([endS]) => endS - hourS),
    endS: Float64Array.from(rows, ([endS]) => endS),
    score: Float64Array.from(verdicts, (verdict) => verdict?.level ?? Number.NaN),
    representsS: hourS,
    explain(row) {
      const verdict = verdicts[row]!;
      const level = verdict?.levelName ?? { zh: '无级别', en: 'no level' };
      const primary = (language: 'zh' | 'en') =>
        (verdict?.primary ?? []).map((id) => nameOf(id)[language]).join(language === 'zh' ? '、' : ', ');
      return {
        parameter: verdict?.primary[0] ?? null,
        value: verdict?.aqi?.toString() ?? null,
        unit: null,
        limit: null,
        multiple: null,
        edition: verdict?.edition ?? null,
        standing: 'single-unreviewed',
        summary: {
          zh: `小时AQI ${verdict?.aqi ?? '—'}，${level.zh}，首要污染物：${primary('zh') || '无'}（未经审核）`,
          en: `Hourly AQI ${verdict?.aqi ?? '—'}, ${level.en}; primary: ${primary('en') || 'none'} (unreviewed)`,
        },
      };
    },
  };
}
