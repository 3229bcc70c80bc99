import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Stand-ins for what the build makes, so that flows need no build: what the server does with them is what is tested. */
const files: Record<string, string> = {
  'loader/inlay.js': `const served="__INLAY_CONFIG__";${'/* loader */'.repeat(60)}`,
  'loader/inlay-push.js': 'export {};',
  'service-worker/sw.js': '/* worker */',
  'service-worker/push-sw.js': '/* push worker */',
  'widget/index.html': '<!doctype html><html lang="en"><head><title>Chat</title><!--inlay-config--></head></html>',
  'widget/push.html': '<!doctype html><html lang="en"><head><title>Push</title><!--inlay-config--></head></html>',
  'widget/assets/index-abc123.js': `export const words = ${JSON.stringify('word '.repeat(400))};`,
  'console/index.html': '<!doctype html><html lang="en"><head><title>Console</title><!--inlay-config--></head></html>',
};

export async function writeAssets(folder: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
