/** An event of total phosphorus at `up`, over by now, as the newest events are kept; criterion and begin are the test's. */
export const endedEvent = (nowS: number) => ({
  station: 'up',
  parameter: 'tp',
  provider: 'bureau',
  limit: '0.1',
  toS: nowS,
  open: false,
  values: 2,
  peak: 1,
  multiple: null,
});
