/** Every fault has a code from this table; `docs/errors.md` lists the same codes (a test compares both ways). */
export const errorCodes = {
  E_CONFIG: { status: 500, retryable: false },
  E_USAGE: { status: 400, retryable: false },
  E_BAD_REQUEST: { status: 400, retryable: false },
  E_UNAUTHORIZED: { status: 401, retryable: false },
  E_FORBIDDEN: { status: 403, retryable: false },
  E_NOT_FOUND: { status: 404, retryable: false },
  E_CONFLICT: { status: 409, retryable: false },
  E_TOO_MANY_REQUESTS: { status: 429, retryable: true },
  E_LOCKED: { status: 409, retryable: false },
  E_MIXED_DATA: { status: 409, retryable: false },
  E_JOURNAL_BROKEN: { status: 500, retryable: false },
  E_STORE_UNAVAILABLE: { status: 503, retryable: true },
  E_STORE_REJECTED: { status: 500, retryable: false },
  E_STORE_UNSUPPORTED: { status: 500, retryable: false },
  E_UPSTREAM: { status: 502, retryable: true },
  E_NOT_READY: { status: 503, retryable: true },
  E_NOT_SUPPORTED: { status: 501, retryable: false },
  E_INTERNAL: { status: 500, retryable: false },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** A fault of configuration, code or environment. A fault in data is an {@link Issue}, never this. */
export class MonitorError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly retryable: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MonitorError';
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = errorCodes[code].retryable;
  }
}

/** What can be wrong with data that arrived. Counted, stored and shown; the run goes on. */
export const issueCodes = [
  'REPLY_NOT_READABLE',
  'REPLY_TRUNCATED',
  'REPLY_IS_HTML',
  'REPLY_STATUS',
  'REPLY_EMPTY',
  'HEADERS_CHANGED',
  'ROW_SHAPE',
  'TIME_MISSING',
  'TIME_NOT_READABLE',
  'TIME_OUT_OF_RANGE',
  'VALUE_NOT_A_NUMBER',
  'VALUE_OUT_OF_RANGE',
  'CLASS_UNKNOWN',
  'CODE_UNKNOWN',
  'STATION_UNREGISTERED',
  'STATION_CHANGED',
  'DUPLICATE_ROW',
  'SUPERSEDED_ON_ARRIVAL',
  'UNIT_UNKNOWN',
  'SOURCE_UNREACHABLE',
  'STORE_ROW_REJECTED',
  'FRAME_REFUSED',
  'FRAME_TOLERATED',
  'DEVICE_REFUSED',
  'DEVICE_DOUBLED',
  'FILE_TOO_LARGE',
  'FORMULA_CELL',
  'SHEET_HIDDEN',
  'MONTH_DISAGREES',
  'SIGNATURE_MISSING',
  'SAMPLES_DISAGREE',
  'FRAME_QUARANTINED',
  'GAP_NOT_FILLED',
  'MESSAGE_REFUSED',
  'REMINDERS_FAILED',
] as const;

export type IssueCode = (typeof issueCodes)[number];

/** A fault in data. `path` says where (row and column, or file and line); `record` quotes the record, shortened. */
export interface Issue {
  code: IssueCode;
  path: string;
  message: string;
  source: { id: string; record: string };
}
