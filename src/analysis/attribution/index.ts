export {
  balance,
  type Balance,
  type BalanceCase,
  type Inflow,
  type Part,
  type RemainderRule,
} from './balance.ts';
export { byJurisdiction, netAdditions, type ChainNode, type NetAddition } from './chain.ts';
export { decayOf, fittedDecay, survival, travelTime, type Decay, type TravelTime } from './decay.ts';
export { afterProof, bankShares, classesWorsened, increase, percentageShares } from './rules.ts';
export { balanceText, partName, type Decision } from './wording.ts';
