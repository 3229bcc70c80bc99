/**
 * One configuration, one target a run: `vite build --mode <target>`; scripts/prepare.mjs runs those that are stale.
 *
 * The targets differ in what they are for the browser: the loader and the service workers must each be a single classic
 * script at a fixed address, widget and console are pages with hashed assets, the server runs on Node and keeps its
 * dependencies outside the bundle.
 */
import { resolve } from 'node:path';
import preact from '@preact/preset-vite';
import { defineConfig, type UserConfig } from 'vite';

const at = (path: string) => resolve(import.meta.dirname, path);

/** What a phone of 2021 can run. Its JavaScript is ES2022: the browsers' names would only add helpers for class fields. */
const language = 'es2022';
const browsers = ['chrome94', 'firefox93', 'safari15'];

/**
 * A single classic script: no imports at run time, nothing global but what it sets itself. As a library, so that Vite wraps a
 * dynamic import in nothing of its own.
 */
const script = (entry: string, out: string, name: string): UserConfig => ({
  build: {
    outDir: at(out),
    emptyOutDir: false,
    target: language,
    lib: { entry: at(entry), formats: ['iife'], name: 'inlay', fileName: () => name },
  },
});

const page = (root: string, out: string, base: string, name: string): UserConfig => ({
  root: at(root),
  base,
  plugins: [preact()],
  // Without the Promise that browsers of ten years ago lacked.
  resolve: { alias: { localforage: 'localforage/dist/localforage.nopromises.js' } },
  build: {
    outDir: at(out),
    emptyOutDir: name === 'index.html',
    target: language,
    cssTarget: browsers,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: at(`${root}/${name}`) },
  },
});

const targets: Record<string, UserConfig> = {
  loader: script('loader/loader.ts', 'dist/loader', 'inlay.js'),
  'loader-push': {
    build: {
      outDir: at('dist/loader'),
      emptyOutDir: false,
      target: language,
      lib: { entry: at('loader/push.ts'), formats: ['es'], fileName: () => 'inlay-push.js' },
    },
  },
  'service-worker': script('service-worker/worker.ts', 'dist/service-worker', 'sw.js'),
  'push-worker': script('service-worker/push-worker.ts', 'dist/service-worker', 'push-sw.js'),
  widget: page('widget', 'dist/widget', '/widget/', 'index.html'),
  // By itself: what two pages share would become a chunk, and a chunk is a request.
  popup: page('widget', 'dist/widget', '/widget/', 'push.html'),
  console: page('console', 'dist/console', '/console/', 'index.html'),
  // A library: what it needs is installed with it, and the app's signals must be the library's.
  client: {
    build: {
      outDir: at('dist/client'),
      emptyOutDir: true,
      target: language,
      minify: false,
      sourcemap: true,
      lib: { entry: { index: at('client/client.ts'), node: at('client/node.ts') }, formats: ['es'] },
      rollupOptions: { external: ['ws', 'localforage', '@preact/signals-core'] },
    },
  },
  server: {
    build: {
      outDir: at('dist/server'),
      emptyOutDir: true,
      ssr: true,
      target: 'node20',
      sourcemap: true,
      minify: false,
      rollupOptions: { input: { main: at('server/main.ts'), start: at('demo/start.ts') } },
    },
  },
  bench: {
    build: {
      outDir: at('dist/bench'),
      emptyOutDir: true,
      ssr: true,
      target: 'node20',
      minify: false,
      rollupOptions: {
        input: {
          'main': at('bench/main.ts'),
          'load': at('bench/load.ts'),
          'server-under-test': at('bench/server-under-test.ts'),
        },
        // One folder: each starts the others beside it.
        output: { chunkFileNames: '[name].js' },
      },
    },
  },
};

export default defineConfig(({ mode }) => {
  const target = targets[mode];
  if (!target) throw new Error(`vite: unknown target "${mode}", known: ${Object.keys(targets).join(', ')}`);
  return { publicDir: false, logLevel: 'warn', ...target };
});
