import { webhookBodies } from './webhooks-bodies.ts';
import { openStores } from './test-app.ts';

webhookBodies(openStores);
