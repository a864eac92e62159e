export {
  estimateLoad,
  flowNormalisedLoad,
  intervalFactor,
  minimumOf,
  type FlowNormalised,
  type LoadEstimate,
  type LoadRequest,
} from './load.ts';
export { type LeftOut, type Reviewed, type UnderReview } from './left-out.ts';
export { type Coverage, type Shortfall } from './coverage.ts';
export { standardErrorOf } from './averaging.ts';
export {
  checkFlowUnit,
  flowSteps,
  gramsPerM3Of,
  type FlowReadings,
  type FlowSteps,
  type LoadSample,
  type ZeroDischarge,
} from './samples.ts';
