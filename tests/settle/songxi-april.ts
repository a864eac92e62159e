const header =
  'first_captured,last_captured,captures,省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L),站点情况';

/** April 2021 at 松溪岩下 every four hours, in the recorded format; made up. Values go to and fro, phosphorus by `ripple` around its mean: what stands still is screened. */
export function april(phosphorus: number, { shownLater = 0, ripple = 0 } = {}): string {
  const rows = Array.from({ length: 180 }, (_, slot) => {
    const tp = (phosphorus + (slot % 2 === 0 ? ripple : -ripple)).toFixed(3);
    const wall = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
    const stampMs = Date.UTC(2021, 3, 1) + slot * 4 * 3600_000;
    const shown = wall(Date.UTC(2021, 4, 1, 2) + shownLater);
    const stamp = wall(stampMs).slice(5, 16);
    const fro = slot % 2;
    const values = [
      '17.5',
      `7.3${fro}`,
      `8.6${fro}`,
      '70.1',
      '5.0',
      `1.5${fro}`,
      '0.050',
      tp,
      `1.2${fro}`,
      '*',
      '*',
    ];
    return [shown, shown, '1', '福建省', '浙闽片河流', '松溪岩下', stamp, 'Ⅱ', ...values, '正常'].join(',');
  });
  return `${[header, ...rows].join('\n')}\n`;
}
