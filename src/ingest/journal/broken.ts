import { MonitorError } from '../../domain/errors.ts';

export interface BrokenDetails {
  file: string;
  offset: number;
  /** Entry that was expected there; null where the file's own frame is at fault. */
  seq: number | null;
  reason: string;
  expected: string;
  found: string;
  /** The file ends before the entry does. */
  short?: boolean;
}

/** E_JOURNAL_BROKEN: bytes of the journal are not as they were written. */
export class JournalBroken extends MonitorError {
  readonly broken: BrokenDetails;

  constructor(broken: BrokenDetails) {
    const entry = broken.seq === null ? '' : `, entry ${broken.seq}`;
    const where = `${broken.file} at byte ${broken.offset}${entry}`;
    super(
      'E_JOURNAL_BROKEN',
      `${where}: ${broken.reason}: expected ${broken.expected}, found ${broken.found}`,
      {
        details: { ...broken },
      },
    );
    this.broken = broken;
  }
}

export function brokenAt(
  where: { file: string; offset: number; seq: number | null },
  fault: { reason: string; expected: string; found: string; short?: boolean },
): JournalBroken {
  return new JournalBroken({ ...where, ...fault });
}

/** The details of an E_JOURNAL_BROKEN; rethrows anything else. */
export function brokenDetails(error: unknown): BrokenDetails {
  if (error instanceof JournalBroken) return error.broken;
  throw error;
}
