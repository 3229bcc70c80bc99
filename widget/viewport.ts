/**
 * On a page of its own the app is as high as what can be seen of it: the keyboard of a phone covers the page without making it
 * smaller (iOS), and only visualViewport tells. In a frame the loader does the same for the frame.
 */
export function fitToViewport(root: HTMLElement = document.documentElement): void {
  const view = window.visualViewport;
  if (!view) return;
  const measure = () => {
    // Zoomed in with two fingers, the page keeps its size and is looked at through a window.
    if (view.scale > 1.01) return;
    root.style.setProperty('--height', `${view.height}px`);
    root.style.setProperty('--top', `${view.offsetTop}px`);
  };
  view.addEventListener('resize', measure);
  view.addEventListener('scroll', measure);
  measure();
}
