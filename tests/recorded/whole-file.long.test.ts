import { defineWholeFile } from './captured-file.ts';

defineWholeFile({ captures: null });
