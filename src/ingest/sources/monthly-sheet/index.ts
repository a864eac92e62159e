import type { Config } from '../../../domain/config/config.ts';
import type { SourceAdapter } from '../../../domain/ports.ts';
import { sourceOf } from '../collector.ts';
import { settingsOf } from '../settings.ts';
import { prepare } from './file-form.ts';
import { parseSheet } from './parse.ts';
import { previewSheet } from './preview.ts';
import { sheetSettings } from './settings.ts';
import { sheetTemplate } from './template.ts';

const settingsIn = (of: { sourceId: string; config: Config }) =>
  settingsOf(sourceOf(of.config, of.sourceId), sheetSettings);

/** Monthly sheets that people hand in: delivered values, separated and joint sampling. See README.md beside this file. */
export const monthlySheet: SourceAdapter = {
  id: 'monthly-sheet',
  // Nothing to poll: files are handed in or lie in the drop folder.
  async *fetch() {},
  *split(file) {
    const workbook = file.bytes[0] === 0x50 && file.bytes[1] === 0x4b;
    const mediaType = workbook
      ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
      : 'text/csv';
    yield { body: file.bytes, meta: { origin: file.name, mediaType } };
  },
  prepare,
  parse: parseSheet,
  handIn: {
    preview: previewSheet,
    template: (of, form) => sheetTemplate(settingsIn(of).kind, of.config, form),
    dropFolder(of) {
      const { dropFolder, accept } = settingsIn(of);
      return dropFolder === undefined ? null : { folder: dropFolder, acceptClean: accept !== 'never' };
    },
  },
};
