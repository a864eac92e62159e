import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MonitorError, errorCodes, type ErrorCode } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';

/** One thing wrong with a request: where, what was sent, what would have been right. */
export interface RequestFault {
  field: string;
  value: unknown;
  expected: string;
}

/** Throws one E_BAD_REQUEST that names them all; nothing when there is none. */
export function rejectIfAny(faults: readonly RequestFault[]): void {
  if (faults.length === 0) return;
  const fields = faults.map((fault) => fault.field).join(', ');
  throw new MonitorError('E_BAD_REQUEST', `the request cannot be understood: ${fields}`, {
    details: { faults },
  });
}

type SchemaFault = NonNullable<FastifyError['validation']>[number] & { data?: unknown };

const messageZh: Record<ErrorCode, string> = {
  E_CONFIG: '配置有误',
  E_USAGE: '用法有误',
  E_BAD_REQUEST: '请求有误',
  E_UNAUTHORIZED: '需要有效的访问令牌',
  E_FORBIDDEN: '没有权限',
  E_NOT_FOUND: '没有找到',
  E_CONFLICT: '与现有状态冲突',
  E_TOO_MANY_REQUESTS: '请求过于频繁',
  E_LOCKED: '数据目录被占用',
  E_MIXED_DATA: '模拟数据与真实数据不得混用',
  E_JOURNAL_BROKEN: '日志损坏',
  E_STORE_UNAVAILABLE: '存储不可用',
  E_STORE_REJECTED: '存储拒绝写入',
  E_STORE_UNSUPPORTED: '存储不支持此操作',
  E_UPSTREAM: '上游数据源异常',
  E_NOT_READY: '尚未就绪',
  E_NOT_SUPPORTED: '不支持此功能',
  E_INTERNAL: '内部错误',
};

function expectation(fault: SchemaFault): string {
  const { keyword, params, message } = fault;
  if (keyword === 'enum') return `one of ${[params['allowedValues']].flat().join(', ')}`;
  if (keyword === 'required') return 'a value; it is required';
  if (keyword === 'additionalProperties') return 'no such field';
  if (keyword === 'format' && params['format'] === 'instant')
    return 'an ISO 8601 time, best with an offset: 2026-03-01T08:00:00+08:00';
  if (keyword === 'format' && params['format'] === 'as-of')
    return 'a journal position (whole number) or an ISO 8601 time';
  return message ?? keyword;
}

/** A schema fault as field, value and expectation; the field of a missing or unknown key is that key. */
function requestFault(fault: SchemaFault, context: string): RequestFault {
  const key = fault.params['missingProperty'] ?? fault.params['additionalProperty'];
  const path = fault.instancePath.split('/').filter((part) => part !== '');
  const field = [context, ...path, ...(typeof key === 'string' ? [key] : [])].join('.');
  const parent = fault.data as Record<string, unknown> | undefined;
  const value = typeof key === 'string' ? (parent?.[key] ?? null) : (fault.data ?? null);
  return { field, value, expected: expectation(fault) };
}

const codeOfStatus: Partial<Record<number, ErrorCode>> = {
  401: 'E_UNAUTHORIZED',
  403: 'E_FORBIDDEN',
  404: 'E_NOT_FOUND',
  409: 'E_CONFLICT',
  429: 'E_TOO_MANY_REQUESTS',
};

/** Whatever was thrown, as one of our own faults. A fault we did not foresee keeps its text for the log only. */
export function monitorErrorOf(error: unknown): MonitorError {
  if (error instanceof MonitorError) return error;
  const fastifyError = error as Partial<FastifyError>;
  if (fastifyError.validation !== undefined) {
    const context = fastifyError.validationContext ?? 'request';
    const faults = fastifyError.validation.map((fault) => requestFault(fault, context));
    const fields = [...new Set(faults.map((fault) => fault.field))].join(', ');
    return new MonitorError('E_BAD_REQUEST', `the request cannot be understood: ${fields}`, {
      details: { faults },
    });
  }
  const status = fastifyError.statusCode ?? 500;
  if (status < 500) {
    const message = fastifyError.message ?? 'bad request';
    return new MonitorError(codeOfStatus[status] ?? 'E_BAD_REQUEST', message, { details: { faults: [] } });
  }
  return new MonitorError('E_INTERNAL', 'something went wrong here; the log has more under this request id', {
    cause: error,
  });
}

/** The body of every error answer. */
export function errorBody(fault: MonitorError, requestId: string): Record<string, unknown> {
  const details = { ...fault.details, messageZh: messageZh[fault.code], retryable: fault.retryable };
  return { error: { code: fault.code, message: fault.message, details, requestId } };
}

/** Installs the only error handler and the only "not found" shape. */
export function installFaultHandler(app: FastifyInstance, deps: Pick<ApiDeps, 'onFault'>): void {
  app.setErrorHandler(async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const fault = monitorErrorOf(error);
    const { status } = errorCodes[fault.code];
    if (status >= 500 && fault.code !== 'E_NOT_SUPPORTED')
      deps.onFault?.({ requestId: request.id, method: request.method, path: request.url, error });
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="jiehe"');
    if (status === 503) reply.header('retry-after', '5');
    const { retryAfterSeconds } = fault.details;
    if (typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds));
    return reply
      .code(status)
      .type('application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(errorBody(fault, request.id));
  });
}
