const tokenKey = 'jiehe.token';

/** Held for this tab only; never in the address or in local storage. */
export function storedToken(): string | null {
  return sessionStorage.getItem(tokenKey);
}

export function storeToken(token: string | null): void {
  if (token === null || token === '') sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, token);
}

/** What a request failed with. `status` 0: no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** Why access was refused, by name; null where the API names none. */
  readonly reason: string | null;

  constructor(
    status: number,
    code: string,
    message: string,
    of: { requestId?: string | null; reason?: string | null } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.requestId = of.requestId ?? null;
    this.reason = of.reason ?? null;
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; requestId?: string; details?: { reason?: string } };
}

async function faultOf(response: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // not our error shape (a proxy in between): the status says all there is
  }
  const {
    code = `HTTP_${response.status}`,
    message = response.statusText,
    requestId = null,
    details,
  } = body.error ?? {};
  const reason = typeof details?.reason === 'string' ? details.reason : null;
  return new ApiError(response.status, code, message, { requestId, reason });
}

function accessHeaders(): Record<string, string> {
  const token = storedToken();
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

async function answerOf(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError(0, 'NO_ANSWER', String(cause));
  }
  if (!response.ok) throw await faultOf(response);
  return response;
}

/** GET of /api/v1. Throws ApiError, also when there is no answer. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const headers = { accept: 'application/json', ...accessHeaders() };
  const response = await answerOf(path, { headers, signal: signal ?? null });
  return (await response.json()) as T;
}

export interface Change {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** Sent as JSON; a file is sent as it is. */
  body?: object | Blob;
}

/** A request that changes something, with the token of the session that it belongs to. Throws ApiError. */
export async function sendChange<T>({ method, path, body }: Change, csrf: string | null): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', ...accessHeaders() };
  if (csrf !== null) headers['x-csrf-token'] = csrf;
  const init: RequestInit = { method, headers };
  if (body instanceof Blob) {
    headers['content-type'] = 'application/octet-stream';
    init.body = body;
  } else if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  const response = await answerOf(path, init);
  return (await response.json()) as T;
}

/**
 * Ids of server-sent events as they come; ends when the connection does. An `EventSource` could not carry the token. Throws ApiError.
 */
export async function* eventIds(
  path: string,
  last: string | null,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const headers = { ...accessHeaders(), ...(last === null ? {} : { 'last-event-id': last }) };
  const { body } = await answerOf(path, { headers, signal });
  if (body === null) return;
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${text}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1];
      if (id !== undefined) yield id;
    }
  }
}

/** Saves an answer as a file; a plain link could not carry the token. */
export async function download(path: string, name: string): Promise<void> {
  const response = await answerOf(path, { headers: accessHeaders() });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
