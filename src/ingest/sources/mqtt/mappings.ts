import { JSONPath } from 'jsonpath-plus';
import type { Config } from '../../../domain/config/config.ts';
import type { SourceConfig } from '../../../domain/config/source.ts';
import { MonitorError } from '../../../domain/errors.ts';
import { packFlags } from '../../../domain/flags.ts';
import { messageOf } from '../reply.ts';
import { powerBetween } from '../units.ts';
import type { MqttSettings, TopicMapping, ValueMapping } from './settings.ts';
import { namesIn, topicPattern, type TopicPattern } from './topics.ts';

/** A value mapping with the power of ten that turns what is sent into the parameter's own unit. */
export interface ReadyValue extends ValueMapping {
  power: number;
}

export interface ReadyMapping extends TopicMapping {
  pattern: TopicPattern;
  ready: readonly ReadyValue[];
  /** Flags by the gateway's own mark. */
  marks: ReadonlyMap<string, number>;
}

/** Everything at a path, in the document's order; paths hold no code, and none is run. */
export function at(path: string, json: unknown): unknown[] {
  if (json === null || typeof json !== 'object') return path === '$' ? [json] : [];
  const found: unknown = JSONPath({ path, json, eval: false, wrap: true });
  return Array.isArray(found) ? found : [];
}

/** The mappings of a source, ready for use. Throws E_CONFIG that names every fault. */
export function readyMappings(
  source: SourceConfig,
  settings: MqttSettings,
  config: Pick<Config, 'parameters'>,
): ReadyMapping[] {
  const faults: string[] = [];
  const mappings = settings.topics.flatMap((mapping): ReadyMapping[] => {
    const fault = (text: string): void => void faults.push(`topic "${mapping.topic}": ${text}`);
    const pattern = patternOf(mapping.topic, faults);
    if (pattern === null) return [];
    if (typeof mapping.station === 'string')
      for (const name of namesIn(mapping.station))
        if (!pattern.names.has(name)) fault(`station asks for {${name}}, which the topic does not name`);
    const quality = Object.entries(mapping.quality?.marks ?? {});
    const marks = new Map(quality.map(([mark, flags]) => [mark, packFlags(flags)]));
    return [{ ...mapping, pattern, ready: readyValues(mapping, config, fault), marks }];
  });
  if (faults.length > 0)
    throw new MonitorError('E_CONFIG', `source "${source.id}": ${faults.join('; ')}`, {
      details: { source: source.id, faults },
    });
  return mappings;
}

function patternOf(topic: string, faults: string[]): TopicPattern | null {
  try {
    return topicPattern(topic);
  } catch (cause) {
    faults.push(messageOf(cause));
    return null;
  }
}

function readyValues(
  mapping: TopicMapping,
  config: Pick<Config, 'parameters'>,
  fault: (text: string) => void,
): ReadyValue[] {
  const seen = new Set<string>();
  return mapping.values.flatMap((value) => {
    const parameter = config.parameters.find((candidate) => candidate.id === value.parameter);
    if (seen.has(value.parameter)) fault(`parameter "${value.parameter}" stands twice`);
    seen.add(value.parameter);
    const power = parameter === undefined ? null : powerBetween(value.unit, parameter.unit);
    if (parameter === undefined) fault(`no parameter "${value.parameter}"`);
    else if (power === null)
      fault(`${value.unit} cannot become ${String(parameter.unit)} of ${value.parameter}`);
    return power === null ? [] : [{ ...value, power }];
  });
}
