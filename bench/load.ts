/** The load generator: a process of its own for each measurement. */
import { benchmarks } from './all.ts';
import { answer } from './harness/child.ts';

answer(Object.assign({}, ...benchmarks.map(({ load }) => load ?? {})));
