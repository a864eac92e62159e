/** Abbreviations of zones in the tables of United States agencies, as offsets. */
const offsets: Readonly<Record<string, string>> = {
  UTC: '+00:00',
  GMT: '+00:00',
  AST: '-04:00',
  ADT: '-03:00',
  EST: '-05:00',
  EDT: '-04:00',
  CST: '-06:00',
  CDT: '-05:00',
  MST: '-07:00',
  MDT: '-06:00',
  PST: '-08:00',
  PDT: '-07:00',
  AKST: '-09:00',
  AKDT: '-08:00',
  HST: '-10:00',
};

/** Offset of an abbreviation; null for one that is not known. */
export const offsetOf = (abbreviation: string): string | null => offsets[abbreviation.toUpperCase()] ?? null;
