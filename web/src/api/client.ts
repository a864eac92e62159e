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

  constructor(status: number, code: string, message: string, requestId: string | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; requestId?: string };
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
  } = body.error ?? {};
  return new ApiError(response.status, code, message, requestId);
}

/** GET of /api/v1. Throws ApiError, also when there is no answer. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const token = storedToken();
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== null) headers.authorization = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { headers, signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiError(0, 'NO_ANSWER', String(cause), null);
  }
  if (!response.ok) throw await faultOf(response);
  return (await response.json()) as T;
}

/** Saves an answer as a file; a plain link could not carry the token. */
export async function download(path: string, name: string): Promise<void> {
  const token = storedToken();
  const response = await fetch(`/api/v1${path}`, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw await faultOf(response);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
