import { changeFeedBodies } from './changes-bodies.ts';
import { openStores } from './test-app.ts';

changeFeedBodies(openStores);
