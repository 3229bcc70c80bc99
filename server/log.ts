import { randomUUID } from 'node:crypto';
import { type DestinationStream, type Logger, pino } from 'pino';
import { InlayError } from '../protocol/errors.ts';
import type { LogLevel } from './settings.ts';

/**
 * JSON lines on standard output. What anybody wrote and what lets anybody in never reaches them: no message's text, no file's
 * name, no query string; the fields below are cut out wherever a careless line might put them.
 */
const secrets = [
  'authorization',
  'cookie',
  'token',
  'jwt',
  'password',
  'secret',
  'ticket',
  'code',
  'visitorKey',
  'text',
];

export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), remove: true },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** What is needed of pino's Logger and of Fastify's. */
export interface ErrorLog {
  error(fields: object, message: string): void;
}

/**
 * What may be told of an error. One that is not of the catalogue is ours: it goes to the log under an id, and the other side
 * gets the id and nothing else.
 */
export function tellable(error: unknown, log: ErrorLog): InlayError {
  if (error instanceof InlayError) return error;
  const errorId = randomUUID().slice(0, 8);
  log.error({ err: error, errorId }, 'internal error');
  return new InlayError('internal', `Something went wrong on the server; its log has it as ${errorId}.`);
}
