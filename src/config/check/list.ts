import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';
import { alertingFaults } from './alerting.ts';
import { reminderFaults } from './reminders.ts';
import { agreementCircumstanceFaults } from './agreement-circumstances.ts';
import { agreementContentFaults } from './agreement-contents.ts';
import { agreementFaults } from './agreements.ts';
import { aliasFaults } from './aliases.ts';
import { channelFaults } from './channels.ts';
import { duplicateFaults } from './duplicates.ts';
import { geographyFaults } from './geography.ts';
import { intervalFaults } from './intervals.ts';
import { lakeFaults } from './lakes.ts';
import { networkFaults } from './network.ts';
import { parameterFaults } from './parameters.ts';
import { provenanceFaults } from './provenance.ts';
import { referenceFaults } from './references.ts';
import { regionFaults } from './region.ts';
import { scheduleFaults } from './schedule.ts';
import { schemeFileFaults } from './schemes.ts';
import { editionFaults } from './editions.ts';
import { targetFaults } from './targets.ts';

/** A pure pass over everything that fits its schema; all passes always run. */
export type Check = (draft: Draft) => ConfigFault[];

/** What is checked after the schemas, in this order. */
export const checks: readonly Check[] = [
  regionFaults,
  duplicateFaults,
  aliasFaults,
  referenceFaults,
  intervalFaults,
  editionFaults,
  parameterFaults,
  networkFaults,
  geographyFaults,
  targetFaults,
  lakeFaults,
  agreementFaults,
  agreementContentFaults,
  agreementCircumstanceFaults,
  schemeFileFaults,
  scheduleFaults,
  alertingFaults,
  reminderFaults,
  channelFaults,
  provenanceFaults,
];
