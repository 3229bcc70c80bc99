/** What `npm start` runs: the server and, unless DEMO is off, the demonstration. */
import { createApp } from '../server/app.ts';
import { runService } from '../server/lifecycle.ts';
import { readSettings } from '../server/settings.ts';
import { type Demo, startDemo } from './demo.ts';

await runService(() => {
  const settings = readSettings();
  const app = createApp(settings);
  let stopDemo = async () => {};
  return {
    async start() {
      const { url, domain } = await app.start();
      if (settings.demo) {
        const running = await startDemo(domain);
        stopDemo = running.stop;
        console.log(summary(running.demo));
      } else {
        console.log(`\nInlay is running: ${url}\n`);
      }
    },
    async stop() {
      await stopDemo();
      await app.stop();
    },
  };
});

function summary(demo: Demo): string {
  const rows = [
    ['A shop that embeds it', demo.siteUrl],
    ['A form with its link', demo.formUrl],
    ['A mini-program', demo.miniProgramUrl],
    ['A button of the page', demo.entryUrl],
    ['The link page', `${demo.widgetUrl}/im/${demo.tenantId}`],
    ['The console', demo.consoleUrl],
    ['  account', demo.agent.account],
    ['  password', demo.agent.password],
  ];
  const lines = rows.map(([label = '', value = '']) => `  ${label.padEnd(24)}${value}`);
  return ['', 'Inlay is running.', '', ...lines, ''].join('\n');
}
