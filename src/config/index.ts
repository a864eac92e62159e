export { canonicalConfig } from './canonical.ts';
export { adapterCheck } from './check/adapters.ts';
export { settingsCheck } from './check/settings.ts';
export type { Check } from './check/list.ts';
export { readEnvironment, Secret, type Environment, type EnvironmentFault } from './environment.ts';
export { printFault, printFaults } from './fault-text.ts';
export { checkConfig, checkFiles, loadConfig, type ConfigCheck, type ConfigOptions } from './load.ts';
