import type { Text } from '../../../src/domain/config/facts.ts';
import type { Preview } from '../../../src/domain/preview.ts';
import type { Meta } from './types.ts';

export type { Plain, Preview, PreviewSection, StepNode } from '../../../src/domain/preview.ts';

export interface PreviewAnswer {
  meta: Meta;
  marking: Text;
  agreement: string;
  period: string;
  scenario: boolean;
  result: Preview;
}
