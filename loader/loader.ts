/**
 * The one line of a host page. Draws the launcher, loads no byte of the app before somebody shows that they may want it, and
 * leaves nothing behind when it is destroyed. As a guest it adds one global name, no cookie, nothing that is seen outside its
 * shadow root, and no error that is not caught.
 */
import { call, install } from './api.ts';
import { draw, greet, launcher, paint, root, shadow, TRIGGER } from './bubble.ts';
import { listen } from './events.ts';
import { close, load, refused } from './frame.ts';
import { recall } from './session.ts';

/** A click on a notification of the host's own worker leads to the page with this in its address. */
const openBySign = (): void => {
  if (location.hash !== '#inlay=open') return;
  history.replaceState(history.state, '', location.href.split('#')[0]);
  call('open');
};

/**
 * Beside the body, not in it: there is no waiting for a body when the script stands in the head, and the chat stays as it is when
 * a router (Turbo and others) puts another body in its place. Last, since the order of focus is the order of sight.
 */
const attach = (): void => document.documentElement.append(root);

/** A pointer, the focus or a click comes to our launcher or bubble, or to an element of the host that opens the chat. */
const onTrigger = (event: Event): void => {
  const trigger = (event.composedPath()[0] as Element).closest?.(`[${TRIGGER}]`);
  if (!trigger) return;
  load();
  if (event.type !== 'click') return;
  event.preventDefault();
  call(trigger === launcher ? 'toggle' : 'open', shadow.contains(trigger) ? 'script' : 'element');
};

/** A conversation that goes on here is worth loading the app for, once the page has nothing better to do. */
const loadWhenIdle = (): void => {
  (window.requestIdleCallback ?? setTimeout)(load);
};

const start = (): void => {
  paint();
  draw();
  attach();
  listen(document, 'DOMContentLoaded', attach);

  // A finger sends pointerover, too.
  for (const sign of ['pointerover', 'focusin', 'click']) listen(document, sign, onTrigger);
  listen(document, 'securitypolicyviolation', refused);
  // Nothing returned: `false` would take every key from the launcher.
  root.onkeydown = ({ key }) => {
    if (key === 'Escape') close();
  };
  listen(window, 'hashchange', openBySign);
  openBySign();

  // The greeting comes after two seconds: a page is read first.
  if (recall() === undefined) setTimeout(greet, 2_000);
  else if (document.readyState === 'complete') loadWhenIdle();
  else listen(window, 'load', loadWhenIdle);
};

if (install()) start();
