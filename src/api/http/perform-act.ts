import { randomUUID } from 'node:crypto';
import type { ActKind } from '../../domain/acts.ts';
import type { ApiDeps } from '../deps.ts';

/** An act of a person; under an id of its own where none is given. Resolves with that id and the journal position; rejects as the act log does. */
export async function performAct(
  { acts, clock }: Pick<ApiDeps, 'acts' | 'clock'>,
  of: { kind: ActKind; actor: string; payload: Record<string, unknown>; id?: string },
): Promise<{ id: string; seq: number }> {
  const { id = `${of.kind}-${randomUUID()}` } = of;
  return { id, seq: await acts.perform({ ...of, version: 1, id, atS: clock.nowS() }) };
}
