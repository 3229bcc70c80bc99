import { expect, test } from 'vitest';
import type { ConversationId } from '../protocol/ids.ts';
import { type AddressBar, formatPlace, parsePlace, Route } from './route.ts';

const id = 'abc' as ConversationId;

/** A browser's history, as far as the console uses it. */
class FakeBar implements AddressBar {
  readonly location = { hash: '', pathname: '/console/', search: '' };
  readonly entries: { hash: string; state: unknown }[];
  #at = 0;
  readonly #listeners = new Set<() => void>();
  readonly history: AddressBar['history'];

  constructor(hash = '') {
    this.entries = [{ hash, state: null }];
    this.location.hash = hash;
    const bar = this;
    this.history = {
      get state() {
        return bar.entries[bar.#at]?.state;
      },
      pushState: (state, _, url) => {
        this.entries.splice(this.#at + 1, Number.POSITIVE_INFINITY, { hash: hashOf(url), state });
        this.#go(1);
      },
      replaceState: (state, _, url) => {
        this.entries[this.#at] = { hash: hashOf(url), state };
        this.#go(0);
      },
      back: () => {
        this.#go(-1);
        for (const listener of this.#listeners) listener();
      },
    };
  }

  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }

  #go(step: number): void {
    this.#at += step;
    this.location.hash = this.entries[this.#at]?.hash ?? '';
  }
}

const hashOf = (url: string | URL | null | undefined) => String(url).replace(/^[^#]*/, '');

test('an address and its place are the same in both directions', () => {
  for (const place of [{ person: false }, { conversationId: id, person: false }, { conversationId: id, person: true }])
    expect(parsePlace(formatPlace(place))).toEqual(place);
});

test('what is no id selects nothing', () => {
  expect(parsePlace('#c=<script>')).toEqual({ person: false });
  expect(parsePlace(`#c=${'x'.repeat(65)}`)).toEqual({ person: false });
  expect(parsePlace('#person')).toEqual({ person: false });
});

test('a link selects its conversation at the start', () => {
  expect(new Route(new FakeBar('#c=abc')).place.value).toEqual({ conversationId: id, person: false });
});

test('deeper is a step of the history, from one conversation to the next is none', () => {
  const bar = new FakeBar();
  const route = new Route(bar);
  route.go({ conversationId: id, person: false });
  route.go({ conversationId: 'def' as ConversationId, person: false });
  expect(bar.entries).toHaveLength(2);
  bar.history.back();
  expect(route.place.value).toEqual({ person: false });
});

test('up goes back where we came in, and out where a link led in', () => {
  const walked = new Route(new FakeBar());
  walked.go({ conversationId: id, person: false });
  walked.go({ conversationId: id, person: true });
  walked.up();
  expect(walked.place.value).toEqual({ conversationId: id, person: false });
  walked.up();
  expect(walked.place.value).toEqual({ person: false });

  const linked = new Route(new FakeBar('#c=abc&person'));
  linked.up();
  expect(linked.place.value).toEqual({ conversationId: id, person: false });
  linked.up();
  expect(linked.place.value).toEqual({ person: false });
});
