import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { stateContract } from './contract.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-pglite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

stateContract('PGlite', () => Promise.resolve({ kind: 'pglite', dir: path.join(folder, 'state') }));
