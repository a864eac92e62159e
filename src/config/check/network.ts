import type { ConfigFault } from '../../domain/config/config.ts';
import type { Reach, River } from '../../domain/config/region.ts';
import type { ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';

interface Node {
  river: River;
  reach: Reach;
  path: ValuePath;
}

/** Water runs downhill: no reach reaches itself, and every reach is joined to something. */
export function networkFaults(draft: Draft): ConfigFault[] {
  const nodes = draft.rivers.flatMap((river) =>
    river.reaches.map((reach, index): Node => ({ river, reach, path: ['reaches', index] })),
  );
  const byId = new Map(nodes.map((node) => [node.reach.id, node]));
  return [...cycleFaults(draft, nodes, byId), ...orphanFaults(draft, nodes), ...bankFaults(draft, nodes)];
}

/** One fault a cycle, at its first reach in the order of files. */
function cycleFaults(draft: Draft, nodes: readonly Node[], byId: ReadonlyMap<string, Node>): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const finished = new Set<string>();
  for (const start of nodes) {
    const walked: string[] = [];
    let node: Node | undefined = start;
    while (node !== undefined && !finished.has(node.reach.id) && !walked.includes(node.reach.id)) {
      walked.push(node.reach.id);
      node = byId.get(node.reach.downstream ?? '');
    }
    if (node !== undefined && walked.includes(node.reach.id)) {
      const cycle = walked.slice(walked.indexOf(node.reach.id));
      const message = `flows into itself: ${[...cycle, node.reach.id].join(' → ')}`;
      const expected = 'a way to the sea or to the edge of the region (null)';
      faults.push(draft.fault(node.river, [...node.path, 'downstream'], { message, expected }));
    }
    for (const id of walked) finished.add(id);
  }
  return faults;
}

/** A reach into tidal water may end in null with nothing above it; one that nothing places is a slip. */
function orphanFaults(draft: Draft, nodes: readonly Node[]): ConfigFault[] {
  const fed = new Set(nodes.map((node) => node.reach.downstream));
  const measured = new Set(draft.sections.map((section) => section.reach?.id));
  if (!draft.complete('sections')) return [];
  return nodes
    .filter(({ reach }) => reach.downstream === null && !fed.has(reach.id) && !measured.has(reach.id))
    .filter(({ river, reach }) => river.reaches.length > 1 && reach.line === undefined)
    .map(({ river, path }) => {
      const expected = 'a reach above or below it, a section on it, or a line';
      return draft.fault(river, [...path, 'id'], { message: 'joined to nothing', expected });
    });
}

function bankFaults(draft: Draft, nodes: readonly Node[]): ConfigFault[] {
  return nodes
    .filter(({ reach }) => reach.banks !== undefined && reach.banks.left === reach.banks.right)
    .map(({ river, path }) => {
      const text = {
        message: 'both banks belong to one jurisdiction',
        expected: 'two jurisdictions, or no banks',
      };
      return draft.fault(river, [...path, 'banks', 'right'], text);
    });
}
