import {
  classifyReading,
  classLeftOpen,
  overTarget,
  type ItemVerdict,
  type WaterVerdict,
} from '../../analysis/water/classify.ts';
import { waterLimits } from '../../analysis/water/limits.ts';
import type { Measured } from '../../analysis/water/measured.ts';
import type { BodyType } from '../../domain/config/region.ts';
import type { WaterEvaluation, WaterStandard } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { measuredCell } from './cell.ts';
import { headingKey, RowFault, type TableRow } from './table.ts';

export interface WaterFacts {
  standard: WaterStandard;
  evaluation: WaterEvaluation;
}

const BODY_TYPES: Readonly<Record<string, BodyType>> = {
  river: 'river',
  河流: 'river',
  河: 'river',
  lake: 'lake',
  reservoir: 'lake',
  湖库: 'lake',
  湖泊: 'lake',
  湖: 'lake',
  水库: 'lake',
};

/** Headings of a water table, by key. */
export function waterHeadings(standard: WaterStandard): Map<string, string> {
  const headings = new Map<string, string>();
  const add = (column: string, names: readonly string[]) => {
    for (const name of [column, ...names])
      if (!headings.has(headingKey(name))) headings.set(headingKey(name), column);
  };
  add('station', ['section', 'sectionName', '断面', '断面名称', '站点', '站点名称']);
  add('time', ['监测时间', '时间', 'datetime', 'timestamp']);
  add('bodyType', ['waterBody', '水体类型']);
  add('targetClass', ['target', '目标类别', '水质目标', '考核目标']);
  for (const item of standard.items) add(item.parameter, item.aliases);
  return headings;
}

/** One row of the contract `evaluate water`. Throws {@link RowFault} for a cell that cannot be read. */
export function evaluateWaterRow(
  row: TableRow,
  columns: ReadonlyMap<string, number>,
  facts: WaterFacts,
  explain: boolean,
): Record<string, unknown> {
  const { standard, evaluation } = facts;
  const text = (column: string) => row.cells[columns.get(column) ?? -1] ?? '';
  const bodyType = bodyTypeOf(text('bodyType'), row.line);
  const targetClass = targetClassOf(text('targetClass'), row.line, standard);
  const share = new Decimal(evaluation.belowDetection.share);
  const measured = new Map<string, Measured>();
  const known = waterLimits(standard).byParameter;
  for (const [column] of columns) {
    const entry = known.get(column);
    if (entry === undefined) continue;
    const cell = { text: text(column), line: row.line, column };
    const value = measuredCell(cell, share, entry.item.rule === 'none');
    if (value !== null) measured.set(column, value);
  }
  const values = Object.fromEntries([...measured].map(([item, { value }]) => [item, value]));
  const verdict = classifyReading({ values, bodyType }, standard);
  const target =
    targetClass === null
      ? { over: [], undetermined: [] }
      : overTarget(verdict.items, targetClass, bodyType, standard);
  const open = [...measured]
    .filter(
      ([item, { detectionLimit }]) =>
        detectionLimit !== null && classLeftOpen(item, detectionLimit, bodyType, standard),
    )
    .map(([item]) => item);
  const entry = verdict.class === null ? undefined : waterLimits(standard).classOf.get(verdict.class);
  return {
    class: verdict.class,
    decidingItems: verdict.decidingItems,
    overTarget: target.over.map(({ item, multiple }) => ({
      item,
      multiple: multiple === null ? null : Number(multiple),
    })),
    status: verdict.status,
    reason: verdict.reason,
    standard: standard.id,
    ...(entry === undefined ? {} : { className: entry.name.zh, condition: entry.status.zh }),
    ...(open.length === 0 ? {} : { notProvenBelowDetection: open }),
    ...(target.undetermined.length === 0 ? {} : { undeterminedForType: target.undetermined }),
    ...(explain ? { explain: explainWater(verdict, measured, standard, bodyType) } : {}),
  };
}

function bodyTypeOf(text: string, line: number): BodyType | null {
  if (text === '') return null;
  const found = BODY_TYPES[text.toLowerCase()];
  if (found === undefined) {
    throw new RowFault(
      'CODE_UNKNOWN',
      `line ${line}, column "bodyType": "${text}" (expected river, lake or empty)`,
    );
  }
  return found;
}

function targetClassOf(text: string, line: number, standard: WaterStandard): number | null {
  if (text === '') return null;
  const key = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s类]/g, '');
  const found = standard.classes.find((entry) =>
    entry.aliases.some((alias) => alias.normalize('NFKC') === key),
  );
  if (found === undefined || found.class >= standard.worstClass) {
    throw new RowFault(
      'CLASS_UNKNOWN',
      `line ${line}, column "targetClass": "${text}" (expected 1 to 5, I to V or empty)`,
    );
  }
  return found.class;
}

function explainWater(
  verdict: WaterVerdict,
  measured: ReadonlyMap<string, Measured>,
  standard: WaterStandard,
  bodyType: BodyType | null,
): Record<string, unknown> {
  const limits = waterLimits(standard).byParameter;
  const explainItem = (item: ItemVerdict) => {
    const { item: rule } = limits.get(item.parameter)!;
    const detectionLimit = measured.get(item.parameter)?.detectionLimit ?? null;
    const steps = bodyType === null ? { river: rule.river, lake: rule.lake } : rule[bodyType];
    return {
      item: item.parameter,
      value: item.value.toFixed(),
      ...(detectionLimit === null ? {} : { belowDetectionLimit: detectionLimit.toFixed() }),
      rule: rule.rule,
      limits: rule.within ?? steps,
      class: item.class,
      reason: item.reason,
      evaluated: item.evaluated,
      clause: rule.clause,
      source: rule.provenance.source,
      confidence: rule.provenance.confidence,
    };
  };
  return {
    rule: 'single-factor: the worst class among the evaluated items',
    standard: standard.id,
    inForce: { from: standard.inForce.from, to: standard.inForce.to },
    bodyType,
    standing: 'single-unreviewed',
    items: verdict.items.map(explainItem),
    reference: verdict.reference,
    evaluatedItems: standard.items.filter((item) => item.evaluated).length - verdict.missing.length,
    missing: verdict.missing,
  };
}
