import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { identityRoutes } from './identity.ts';
import { qualityCheckRoutes } from './quality-checks.ts';
import { qualityMarkRoutes } from './quality-marks.ts';
import { qualityReviewRoutes } from './quality-reviews.ts';
import { silenceRoutes } from './silence.ts';

/** Quality of readings: marks, checks, reviews, identities of stations, silence. */
export function qualityRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  qualityMarkRoutes(app, deps, viewer);
  qualityCheckRoutes(app, deps);
  qualityReviewRoutes(app, deps);
  identityRoutes(app, deps);
  silenceRoutes(app, deps);
}
