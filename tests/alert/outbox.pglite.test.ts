import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { outboxContract } from './outbox-contract.ts';
import { embeddedState } from '../embedded-state.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-pglite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

outboxContract('PGlite', () => Promise.resolve(embeddedState(path.join(folder, 'state'))));
