/** The shop's own look, deliberately not that of the chat: a host is a stranger. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #faf8f4; --raised: #ffffff; --line: #00000014; --text: #24231f; --muted: #67645c; --accent: #2f6b4f; --on-accent: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #171815; --raised: #20221e; --line: #ffffff1a; --text: #ece9e1; --muted: #a5a298; --accent: #7fc4a0; --on-accent: #10231a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.6 Georgia, "Songti SC", "Noto Serif CJK SC", serif; }
a { color: inherit; text-underline-offset: 3px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
header { display: flex; flex-wrap: wrap; gap: 4px 28px; align-items: baseline; justify-content: space-between; padding: 20px clamp(20px, 5vw, 64px); border-bottom: 1px solid var(--line); }
header strong { font-size: 22px; letter-spacing: .01em; }
nav { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 15px; }
nav a { display: inline-block; padding: 6px 0; color: var(--muted); text-decoration: none; }
nav a:hover, nav a[aria-current] { color: var(--text); }
nav a[aria-current] { border-bottom: 2px solid var(--accent); }
main { max-width: 1120px; margin: 0 auto; padding: clamp(32px, 6vw, 72px) clamp(20px, 5vw, 48px) 120px; }
h1 { max-width: 17em; margin: 0 0 16px; font-size: clamp(30px, 5vw, 52px); line-height: 1.15; font-weight: 400; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 40px 0 8px; font-size: 22px; font-weight: 600; line-height: 1.3; }
.lead { max-width: 36em; margin: 0 0 40px; color: var(--muted); font-size: 18px; }
.goods { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 28px; margin: 0; padding: 0; list-style: none; }
.goods li { display: flex; flex-direction: column; }
.goods img { display: block; width: 100%; aspect-ratio: 4 / 3; border-radius: 10px; object-fit: cover; }
.goods h2 { margin: 14px 0 2px; font-size: 18px; }
.goods p { margin: 0; color: var(--muted); font-size: 15px; }
.row { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: center; justify-content: space-between; margin-top: auto; padding-top: 10px; }
.row b { font-variant-numeric: tabular-nums; font-weight: 600; }
.button, button { display: inline-block; min-height: 44px; padding: 10px 18px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); color: var(--text); font: inherit; font-size: 15px; font-weight: 600; text-decoration: none; cursor: pointer; }
.button:hover, button:hover { border-color: var(--muted); }
.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 20px 28px; margin: 56px 0 0; padding-top: 28px; border-top: 1px solid var(--line); }
dt { font-weight: 600; } dd { margin: 0; color: var(--muted); }
.note { margin-top: 40px; color: var(--muted); font-size: 14px; }
form { display: grid; gap: 18px; max-width: 520px; }
label { display: grid; gap: 6px; font-weight: 600; font-size: 15px; }
input, select, textarea { width: 100%; padding: 10px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); color: inherit; font: inherit; font-weight: 400; }
textarea { min-height: 96px; resize: vertical; }
.actions { display: flex; flex-wrap: wrap; gap: 12px; }
code, pre { font: 14px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { overflow-x: auto; padding: 16px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); }
.menu { display: inline-grid; min-width: 220px; margin: 0; padding: 6px; border: 1px solid var(--line); border-radius: 10px; background: var(--raised); list-style: none; }
.menu button { width: 100%; border: 0; text-align: start; font-weight: 400; }
.person { display: flex; gap: 14px; align-items: center; max-width: 420px; padding: 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--raised); }
.face { display: grid; place-items: center; width: 48px; height: 48px; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.person p { margin: 0; } .person small { color: var(--muted); }
.split { display: flex; flex-wrap: wrap; gap: 48px; align-items: flex-start; }
.split > * { flex: 1 1 320px; min-width: 0; }
.phone { flex: 0 0 auto; width: min(375px, 100%); overflow: hidden; border: 10px solid #1c1c1e; border-radius: 44px; background: #ededed; color: #111; }
.phone header { display: grid; grid-template-columns: 1fr auto 1fr; padding: 14px 18px; border: 0; font: 600 16px/22px system-ui, sans-serif; }
.phone header span:last-child { justify-self: end; letter-spacing: 2px; }
.phone iframe { display: block; width: 100%; height: 600px; border: 0; background: #fff; }
`;
