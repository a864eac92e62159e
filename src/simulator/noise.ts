/** Seeded randomness without state: the same question always has the same answer. */

/** 32 bits of a text and a seed (FNV-1a, then an avalanche). */
export function hashOf(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return avalanche(hash);
}

function avalanche(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** In [0, 1): a number of stream `key` at whole step `step`. */
export function uniform(key: number, step: number): number {
  return avalanche(key ^ Math.imul(step | 0, 0x9e3779b1)) / 2 ** 32;
}

/** About normal, mean 0 and deviation 1 (sum of four uniforms). */
export function normal(key: number, step: number): number {
  const sum = uniform(key, step) + uniform(key ^ 1, step) + uniform(key ^ 2, step) + uniform(key ^ 3, step);
  return (sum - 2) * Math.sqrt(3);
}

/** Slow noise, mean 0 and deviation near 1: normal values every `periodS`, joined smoothly. */
export function drift(key: number, timeS: number, periodS: number): number {
  const at = timeS / periodS;
  const step = Math.floor(at);
  const part = at - step;
  const weight = part * part * (3 - 2 * part);
  return normal(key, step) * (1 - weight) + normal(key, step + 1) * weight;
}
