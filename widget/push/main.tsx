/** The window that the widget opens to turn notifications on: `/push#<one-time code>`. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { applyAccent } from '../../ui/color.ts';
import { pushObstacle } from '../../ui/push/obstacle.ts';
import { popupScope } from '../../ui/push/scopes.ts';
import { subscribeOnThisOrigin } from '../../ui/push/subscribe.ts';
import { PopupFlow } from './flow.ts';
import { Popup } from './popup.tsx';
import { popupWords } from './words.ts';

const words = popupWords(navigator.language);
document.documentElement.lang = words === popupWords('zh') ? 'zh-CN' : 'en';
document.title = words.title;

const code = location.hash.slice(1);
// Out of the address bar and of the history: whoever has the code can subscribe for this visitor.
history.replaceState(null, '', location.pathname);

const flow = new PopupFlow({
  code,
  fetch: (input, init) => fetch(input, init),
  obstacle: pushObstacle,
  subscribe: ({ publicKey, tenant }) => subscribeOnThisOrigin(publicKey, { scope: popupScope(tenant.tenantId) }),
  // The opener, where the host's page did not cut it off, is the widget's iframe: this same origin. It hears of the
  // subscription by its socket as well.
  announce: (endpoint) => (opener as Window | null)?.postMessage({ type: 'inlay.push', endpoint }, location.origin),
});

effect(() => {
  const state = flow.state.value;
  if (state.name === 'ask' && state.redeemed.tenant.accent) applyAccent(state.redeemed.tenant.accent);
});

const root = document.getElementById('app');
if (root) render(<Popup flow={flow} words={words} host={location.hostname} close={() => window.close()} />, root);
void flow.start();
