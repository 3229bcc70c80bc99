/** The server alone, without the demo: `node dist/server/main.js`. */
import { createApp } from './app.ts';
import { runService } from './lifecycle.ts';
import { readSettings } from './settings.ts';

await runService(() => {
  const app = createApp(readSettings());
  return {
    async start() {
      await app.start();
    },
    stop: () => app.stop(),
  };
});
