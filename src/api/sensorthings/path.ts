import { MonitorError } from '../../domain/errors.ts';
import { isSetName, properties, relations, type SetName } from './model.ts';

/** One step of a resource path: a set or relation, with the id where one is chosen. */
export interface Step {
  set: SetName;
  /** Name in the path: a set at the start, a relation after. */
  name: string;
  many: boolean;
  /** Null: all of them, or the single one of a relation to one. */
  id: number | null;
}

export interface ResourcePath {
  steps: Step[];
  /** Property of the last entity; null: the entity or collection itself. */
  property: string | null;
  /** `$value` after a property, `$ref` after a collection or entity. */
  suffix: 'value' | 'ref' | null;
}

function noSuchPath(path: string): MonitorError {
  return new MonitorError('E_NOT_FOUND', `no such resource: ${path}`, { details: { path } });
}

/** Ids are whole numbers; one beyond what an id can be is known to name nothing. */
function idOf(text: string, path: string): number {
  if (!/^\d{1,20}$/.test(text)) throw noSuchPath(path);
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw noSuchPath(path);
  return id;
}

function nextStep(before: Step | undefined, segment: string, path: string): Step {
  const match = /^([A-Za-z]+)(?:\(([^()]*)\))?$/.exec(segment);
  const [, name = '', id] = match ?? [];
  if (before === undefined) {
    if (!isSetName(name)) throw noSuchPath(path);
    return { set: name, name, many: true, id: id === undefined ? null : idOf(id, path) };
  }
  const single = !before.many || before.id !== null;
  const relation = single ? relations[before.set][name] : undefined;
  if (relation === undefined || (id !== undefined && !relation.many)) throw noSuchPath(path);
  return { set: relation.to, name, many: relation.many, id: id === undefined ? null : idOf(id, path) };
}

/** `Things(1)/Datastreams(2)/Observations`, `Things(1)/name/$value`, `Datastreams/$ref`. Throws E_NOT_FOUND. */
export function parsePath(path: string): ResourcePath {
  const steps: Step[] = [];
  const segments = path.split('/').filter((segment) => segment !== '');
  let property: string | null = null;
  let suffix: ResourcePath['suffix'] = null;
  for (const [at, segment] of segments.entries()) {
    const last = steps.at(-1);
    const end = at === segments.length - 1;
    if (segment === '$value' && property !== null && end) suffix = 'value';
    else if (segment === '$ref' && property === null && last !== undefined && end) suffix = 'ref';
    else if (property !== null) throw noSuchPath(path);
    else if (last !== undefined && isProperty(last, segment)) property = segment;
    else steps.push(nextStep(last, segment, path));
  }
  if (steps.length === 0) throw noSuchPath(path);
  return { steps, property, suffix };
}

function isProperty(step: Step, segment: string): boolean {
  return (!step.many || step.id !== null) && properties[step.set].includes(segment);
}
