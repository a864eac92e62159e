import type { WithStore } from './contract.ts';
export function sums(_withStore: WithStore, _runs: number): void {}
