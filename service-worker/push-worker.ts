/** push-sw.js: what a host imports into its own worker file. Push and click only; no fetch passes through it. */
import { listen } from './listen.ts';

listen({ elsewhere: false });
