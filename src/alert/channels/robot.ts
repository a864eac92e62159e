import { delivered, later, type Outcome } from './channel.ts';
import { excerpt, reasonOf, type HttpCaller } from './http.ts';

/** How a robot service says that it took a message: status 200 and a zero at `codeField`; busy codes name a wait in seconds. */
export interface RobotAnswers {
  codeField: 'errcode' | 'code';
  messageField: 'errmsg' | 'msg';
  busy: Readonly<Record<number, number>>;
}

/** Posts one message. A robot answers 200 also when it refuses, so the body decides. */
export async function postToRobot(
  http: HttpCaller,
  request: { url: string; body: object },
  answers: RobotAnswers,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const body = JSON.stringify(request.body);
    const answer = await http.call({ url: request.url, method: 'POST', headers, body }, signal);
    if (answer.status !== 200)
      return later(`status ${answer.status}: ${excerpt(answer.text)}`, answer.retryAfterS ?? undefined);
    return judge(answer.text, answers);
  } catch (error) {
    return later(reasonOf(error));
  }
}

function judge(text: string, { codeField, messageField, busy }: RobotAnswers): Outcome {
  const parsed = parse(text);
  const code = parsed?.[codeField];
  if (code === 0) return delivered;
  if (typeof code !== 'number') return later(`an answer without ${codeField}: ${excerpt(text)}`);
  const said = parsed?.[messageField];
  return later(`${codeField} ${code}: ${excerpt(typeof said === 'string' ? said : '')}`, busy[code]);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Phone numbers in a contact's address, comma-separated; `all` alone mentions everyone. */
export function mentions(address: string): { all: boolean; mobiles: string[] } {
  const names = address
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return { all: names.includes('all'), mobiles: names.filter((name) => name !== 'all') };
}
