/** A made-up captured table in the recorded format of the water source: a row a section every four hours, some shown again revised. */
export interface CapturedTable {
  text: string;
  captures: number;
  rows: number;
  /** Cells of the eleven measured columns. */
  cells: number;
}

/** The columns of the recorded format; ammonia is the seventh of the eleven measured ones. */
export const capturedHeader =
  'first_captured,last_captured,captures,省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L),站点情况';
const MEASURED_COLUMNS = 11;
const STEP_MS = 4 * 3600_000;
const FIRST_STAMP_MS = Date.UTC(2021, 2, 26, 20);

/** Numbers in [0, 1) that follow from the seed. */
export function seededNumbers(seed: number): () => number {
  let state = (seed >>> 0) + 0x9e3779b9;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const wallClock = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** `sections` as the table names them, all of 浙江省. Every fourth row of the capture before comes again with other values. */
export function capturedTable(of: {
  seed: number;
  captures: number;
  sections: readonly string[];
}): CapturedTable {
  const next = seededNumbers(of.seed);
  const lines = [capturedHeader];
  const row = (shownMs: number, stampMs: number, section: string): void => {
    const shown = wallClock(shownMs);
    const stamp = wallClock(stampMs).slice(5, 16);
    const value = (high: number, digits: number): string => (next() * high).toFixed(digits);
    const values = [
      value(30, 1),
      (6 + next() * 3).toFixed(2),
      next() < 0.05 ? '--' : value(14, 2),
      value(400, 1),
      value(60, 1),
      value(8, 2),
      value(1.5, 3),
      value(0.3, 3),
      value(3, 2),
      '*',
      '*',
    ];
    const grade = ['Ⅰ', 'Ⅱ', 'Ⅲ', ''][Math.floor(next() * 4)];
    lines.push(
      [shown, shown, '1', '浙江省', '浙闽片河流', section, stamp, grade, ...values, '正常'].join(','),
    );
  };
  for (let capture = 0; capture < of.captures; capture++) {
    const stampMs = FIRST_STAMP_MS + capture * STEP_MS;
    const shownMs = stampMs + 2 * 3600_000;
    for (const section of of.sections) {
      row(shownMs, stampMs, section);
      if (capture > 0 && next() < 0.25) row(shownMs, stampMs - STEP_MS, section);
    }
  }
  const rows = lines.length - 1;
  return { text: `${lines.join('\n')}\n`, captures: of.captures, rows, cells: rows * MEASURED_COLUMNS };
}
