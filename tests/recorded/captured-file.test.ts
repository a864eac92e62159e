import { defineWholeFile } from './captured-file.ts';

defineWholeFile({ captures: 60 });
