import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { readServeFile } from '../system/data-folder.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ExitCode, Io } from './command.ts';

interface Line {
  stream?: 'stdout' | 'stderr';
  data?: string;
  exit?: ExitCode;
}

/**
 * Runs the command inside the server that holds the data folder, if one answers, streaming its output.
 * Null when none does: the caller then opens the stores itself.
 */
export async function runInServer(
  dataDir: string,
  argv: readonly string[],
  io: Io,
): Promise<ExitCode | null> {
  const serve = readServeFile(dataDir);
  if (serve === null) return null;
  const headers = { authorization: `Bearer ${serve.token}`, 'content-type': 'application/json' };
  let reply: Awaited<ReturnType<typeof request>>;
  try {
    const body = JSON.stringify({ argv: ['--cwd', io.cwd, ...argv] });
    reply = await request(`${serve.url}/internal/command`, {
      method: 'POST',
      headers,
      body,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  } catch {
    return null; // serve.json of a server that is gone
  }
  if (reply.statusCode !== 200) {
    throw new MonitorError(
      'E_CONFLICT',
      `the server (process ${serve.pid}) refused the command: ${reply.statusCode} ${await reply.body.text()}`,
    );
  }
  let exit: ExitCode | null = null;
  for await (const text of createInterface({ input: Readable.from(reply.body) })) {
    const line = JSON.parse(text) as Line;
    if (line.exit !== undefined) exit = line.exit;
    else if (line.stream === 'stdout') io.out(line.data ?? '');
    else io.err(line.data ?? '');
    await io.drained?.();
  }
  if (exit === null)
    throw new MonitorError(
      'E_CONFLICT',
      `the server (process ${serve.pid}) stopped before the command ended; run it again`,
    );
  return exit;
}
