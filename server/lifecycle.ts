/** A process that starts something, waits for a signal, and ends it cleanly. */
import { SettingError } from './settings.ts';

export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const EXIT_FAILED = 1;
const EXIT_SETTING = 2;
const PRIVATE_UMASK = 0o077;

/** The first SIGTERM or SIGINT ends it in order, a second one at once. */
export async function runService(create: () => Service): Promise<void> {
  // Database, files and keys are the business of this user alone, whatever the shell's habit is.
  process.umask(PRIVATE_UMASK);
  let service: Service;
  try {
    service = create();
    await service.start();
  } catch (error) {
    process.stderr.write(`inlay: ${explain(error)}\n`);
    process.exit(error instanceof SettingError ? EXIT_SETTING : EXIT_FAILED);
  }
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(EXIT_FAILED);
    stopping = true;
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`inlay: could not end cleanly after ${signal}: ${explain(error)}\n`);
        process.exit(EXIT_FAILED);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function explain(error: unknown): string {
  if (error instanceof SettingError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
