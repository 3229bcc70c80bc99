export interface TroubleProps {
  readonly title: string;
  readonly text: string;
  /** Absent: nothing would be better after it. */
  readonly reload?: string;
}

export function Trouble({ title, text, reload }: TroubleProps) {
  return (
    <main class="trouble">
      <h2>{title}</h2>
      <p>{text}</p>
      {reload && (
        <button type="button" class="button quiet" onClick={() => location.reload()}>
          {reload}
        </button>
      )}
    </main>
  );
}
