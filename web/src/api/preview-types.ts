import type { Text } from '../../../src/domain/config/facts.ts';
import type { Explained } from '../../../src/domain/explained.ts';
import type { Preview, PreviewSection } from '../../../src/domain/preview.ts';
import type { Meta } from './types.ts';

export type { Explained, ExplainedStep, ExplainedValue } from '../../../src/domain/explained.ts';
export type { Preview, PreviewSection } from '../../../src/domain/preview.ts';

export interface PreviewAnswer {
  meta: Meta;
  marking: Text;
  agreement: string;
  period: string;
  scenario: boolean;
  /** Each section in words of both languages as well. */
  result: Omit<Preview, 'sections'> & { sections: (PreviewSection & { explained: Explained })[] };
}
