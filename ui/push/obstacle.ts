/** What stands in the way of notifications before anybody was asked. */
export type PushObstacle =
  /** The browser has no push. */
  | 'unsupported'
  /** iOS and iPadOS: only after the page was added to the Home Screen. */
  | 'needs-install'
  /** The person said no earlier; only the browser's own settings can change it. */
  | 'denied';

/** For a page at the top level; `undefined`: nothing. */
export function pushObstacle(): PushObstacle | undefined {
  const complete = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
  // Only iOS knows this property, and only there is installing the way.
  if (!complete) return (navigator as { standalone?: boolean }).standalone === false ? 'needs-install' : 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : undefined;
}

/** In a frame the permission is always "denied" and says nothing about what a window of ours may do. */
export const framePushObstacle = (): PushObstacle | undefined => ('PushManager' in window ? undefined : 'unsupported');
