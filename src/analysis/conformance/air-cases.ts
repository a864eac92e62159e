import { editionInForce } from '../../domain/config/config.ts';
import type {
  AirAssessment,
  AirStandard,
  AqiStandard,
  StationQuality,
} from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import * as air from '../air/index.ts';
import { CaseFault, type Given } from './given.ts';
import type { CaseRun } from './water-cases.ts';

export interface AirFacts {
  aqiStandards: readonly AqiStandard[];
  airStandards: readonly AirStandard[];
  airAssessments: readonly AirAssessment[];
  quality: StationQuality;
}

function aqiEdition(label: string, { aqiStandards }: AirFacts): AqiStandard {
  const found = aqiStandards.find((edition) => edition.label === label || edition.id === label);
  if (found === undefined) throw new CaseFault(`edition "${label}" is not configured`);
  return found;
}

/** Examples of a whole report carry the year of their edition in their kind. */
function editionOfYear(year: string, { aqiStandards }: AirFacts): AqiStandard {
  const found = aqiStandards.find((edition) => edition.label.endsWith(year));
  if (found === undefined) throw new CaseFault(`no edition of ${year} is configured`);
  return found;
}

const AVERAGING = { '1h': '1h', '8h': '8h', '24h': '24h' } as const;
const LIMIT_AVERAGING = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  '24h': '24h',
  '8h-max': '8h-max',
  '1h': '1h',
} as const;

function oneOf<T extends string>(table: Readonly<Record<string, T>>, text: string): T {
  const found = table[text];
  if (found === undefined) throw new CaseFault(`"${text}" is not one of ${Object.keys(table).join(', ')}`);
  return found;
}

/** Case names of the daily 2012 report, `PM25_24h` or `O3max1h`, to the report's columns. */
function columnOf(edition: AqiStandard, report: 'hourly' | 'daily', caseName: string): string {
  const { indicators } = edition[report];
  const names = (indicator: AqiStandard['daily']['indicators'][number]) => {
    const parameter = edition.parameters.find((entry) => entry.parameter === indicator.parameter);
    const written = [indicator.parameter, ...(parameter?.aliases ?? [])];
    const sole = indicators.filter((other) => other.parameter === indicator.parameter).length === 1;
    return [
      indicator.column,
      ...(indicator.aliases ?? []),
      ...written.map((alias) => `${alias}_${indicator.averaging}`),
      ...(sole ? written : []),
    ].map((text) => text.toLowerCase());
  };
  const found = indicators.find((indicator) => names(indicator).includes(caseName.toLowerCase()));
  if (found === undefined)
    throw new CaseFault(`"${caseName}" is not in the ${report} report of ${edition.id}`);
  return found.column;
}

interface AqiRun {
  verdict: air.AqiVerdict;
  edition: AqiStandard;
  report: 'hourly' | 'daily';
}

function aqiCase(given: Given, edition: AqiStandard, caseReport: string): AqiRun {
  const report = oneOf({ daily: 'daily', realtime: 'hourly', hourly: 'hourly' } as const, caseReport);
  const group = given.group('values');
  const columns = new Map(group.names().map((caseName) => [columnOf(edition, report, caseName), caseName]));
  const values = Object.fromEntries(
    [...columns].map(([column, caseName]) => [column, group.decimalOrNull(caseName)]),
  );
  const verdict = air.judgeAqi(edition, values, {
    report,
    notInPlan: given.has('notInPlan') ? given.texts('notInPlan') : [],
    historyClean: given.flag('historyOk'),
  });
  return { verdict, edition, report };
}

/** A verdict in the names that examples use: by parameter where a pollutant has one indicator, else with its averaging. */
function aqiNames({ edition, report }: AqiRun, style: 'parameter' | 'averaging'): (column: string) => string {
  return (column) => {
    const indicator = edition[report].indicators.find((entry) => entry.column === column)!;
    if (style === 'parameter') return indicator.parameter;
    const written = edition.parameters.find((entry) => entry.parameter === indicator.parameter)!.aliases[0]!;
    return `${written}_${indicator.averaging}`;
  };
}

function aqiResult(run: AqiRun, style: 'parameter' | 'averaging'): unknown {
  const { verdict } = run;
  const named = aqiNames(run, style);
  return {
    iaqi: Object.fromEntries(Object.entries(verdict.iaqi).map(([column, iaqi]) => [named(column), iaqi])),
    aqi: verdict.aqi,
    category: verdict.levelName?.zh ?? null,
    primary: verdict.primary.map(named),
    published: verdict.status === 'ok',
    nonAttainment: verdict.nonAttainment.map(named),
  };
}

const index: Record<string, CaseRun<AirFacts>> = {
  iaqi: (given, facts) => {
    const edition = aqiEdition(given.text('edition'), facts);
    const parameter = given.text('pollutant');
    const averaging = oneOf(AVERAGING, given.text('averaging'));
    if (!edition.parameters.some((entry) => entry.parameter === parameter)) {
      throw new CaseFault(`"${parameter}" is not a pollutant of ${edition.id}`);
    }
    const result = air.iaqiOf(edition, { parameter, averaging }, given.decimalOrNull('value'));
    return { iaqi: result.iaqi };
  },
  aqi2026: (given, facts) =>
    aqiResult(aqiCase(given, editionOfYear('2026', facts), given.text('report')), 'parameter'),
  aqi2012: (given, facts) => aqiResult(aqiCase(given, editionOfYear('2012', facts), 'daily'), 'averaging'),
  category: (given, { aqiStandards }) => ({
    category: air.aqiLevel(aqiStandards.at(-1)!, given.number('aqi')).name.zh,
  }),
};

function limitOf(given: Given, { airStandards }: AirFacts): air.AirLimit {
  const found = air.airLimitOn(airStandards, {
    parameter: given.text('pollutant'),
    averaging: oneOf(LIMIT_AVERAGING, given.text('averaging')),
    grade: given.grade(),
    date: given.text('date'),
  });
  if (found === null) throw new CaseFault(`no air standard in force on ${given.text('date')}`);
  return found;
}

function phaseDate(given: Given, { airStandards }: AirFacts): string {
  const date = air.phaseStart(airStandards, given.text('edition'));
  if (date === null) throw new CaseFault(`edition "${given.text('edition')}" is not configured`);
  return date;
}

function assessmentOn(date: string, { airAssessments }: AirFacts): AirAssessment {
  const found = editionInForce(airAssessments, date);
  if (found === null) throw new CaseFault(`no assessment method in force on ${date}`);
  return found;
}

function latestAssessment({ airAssessments }: AirFacts): AirAssessment {
  return airAssessments.at(-1)!;
}

const limits: Record<string, CaseRun<AirFacts>> = {
  limit: (given, facts) => {
    const found = limitOf(given, facts);
    return { edition: found.phase, limit: found.limit?.toFixed() ?? null };
  },
  exceedance: (given, facts) => {
    const found = limitOf(given, facts);
    if (found.limit === null) return { limit: null, exceeds: null, multiple: null };
    const { decimals } = assessmentOn(given.text('date'), facts);
    return {
      limit: found.limit.toFixed(),
      ...air.exceedsAirLimit(given.decimal('value'), found.limit, decimals.multiple),
    };
  },
  validity: (given, { airStandards }) => {
    const { validity } = airStandards.at(-1)!;
    const rule = given.text('rule');
    if (rule === '24h') return { valid: given.number('validHours') >= validity.hoursPerDay };
    if (rule === '8h') return { valid: given.number('validHours') >= validity.hoursPer8 };
    if (rule === '1h') return { valid: given.number('validMinutes') >= validity.minutesPerHour };
    if (rule === 'month')
      return { valid: air.monthIsValid(given.number('month'), given.number('validDays'), validity) };
    if (rule === 'annual') return { valid: air.yearIsValid(given.numbers('validDaysByMonth'), validity) };
    throw new CaseFault(`validity rule "${rule}" is not known`);
  },
  stateConversion: (given, { airStandards }) => {
    const states = airStandards.flatMap((standard) => standard.stateConditions);
    const value = air.convertGasState(given.decimal('gasAt273K'), states[0]!, states.at(-1)!);
    return { gasAt298_15K: roundHalfEven(value, 2).toFixed(2) };
  },
};

const assessment: Record<string, CaseRun<AirFacts>> = {
  percentile: (given) => {
    const [from = 1, to = 0] = given.has('valuesSequence') ? given.numbers('valuesSequence') : [];
    const values = given.has('valuesSequence')
      ? Array.from({ length: to - from + 1 }, (_, at) => new Decimal(from + at))
      : given.decimals('values').filter((value) => value !== null);
    return { value: air.percentile(values, given.number('p'))?.toFixed() ?? null };
  },
  mda8: (given, facts) => {
    const rule = latestAssessment(facts).mda8;
    const day = air.maximum8h(given.decimals('hours'), given.decimal('limit'), rule);
    const mda8 =
      day.maximum === null ? null : roundHalfEven(day.maximum, rule.decimals).toFixed(rule.decimals);
    return { validWindows: day.validWindows, mda8, valid: day.valid };
  },
  compositeIndex: (given, facts) => {
    const date = phaseDate(given, facts);
    const { airStandards } = facts;
    return air.compositeIndex(given.table('values'), date, {
      assessment: assessmentOn(date, facts),
      airStandards,
    });
  },
  annualEvaluation: (given, facts) => {
    const date = phaseDate(given, facts);
    const year = {
      parameter: given.text('pollutant'),
      grade: given.grade(),
      date,
      mean: given.decimalOrNull('annualMean'),
      percentile: given.decimalOrNull('percentile'),
    };
    const { airStandards } = facts;
    const verdict = air.annualVerdict(year, { assessment: assessmentOn(date, facts), airStandards });
    if (verdict === null)
      throw new CaseFault(`${year.parameter} cannot be judged over a year by these figures`);
    return verdict;
  },
  cityPointShare: (given, facts) => ({
    valid: air.cityPointsSuffice(
      given.number('points'),
      given.number('validPoints'),
      latestAssessment(facts).cityPoints,
    ),
  }),
  complianceRate: (given, facts) => ({
    percent: air.complianceRate(
      given.number('attainingDays'),
      given.number('validDays'),
      latestAssessment(facts),
    ),
  }),
};

const quality: Record<string, CaseRun<AirFacts>> = {
  airNonPositive: (given, { quality: rules }) => {
    const reading = {
      parameter: given.text('pollutant'),
      value: given.decimal('value'),
      driftInControl: given.flag('driftInControl'),
    };
    const { value, valid } = air.nonPositiveValue(reading, rules);
    return { value: value?.toFixed() ?? null, valid };
  },
  pmInversion: (given) =>
    air.particleInversion(given.decimal('pm25'), given.decimal('pm10'), given.flag('instrumentHealthy')),
};

/** Kind of example to the production function it exercises. */
export const airCases: Readonly<Record<string, CaseRun<AirFacts>>> = {
  ...index,
  ...limits,
  ...assessment,
  ...quality,
};
