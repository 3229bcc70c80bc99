import type { PushState } from '../push-permission.ts';
import type { WidgetWords } from '../words.ts';

export function pushWords(state: PushState, words: WidgetWords): string {
  switch (state.name) {
    case 'unsupported':
      return words.pushUnsupported;
    case 'needs-install':
      return words.pushNeedsInstall;
    case 'blocked':
      return words.pushBlocked;
    case 'off':
      return words.pushOffer;
    case 'asking':
      return words.pushAsking;
    case 'on':
      return words.pushOn;
    case 'failed':
      return words.pushFailed;
  }
}
