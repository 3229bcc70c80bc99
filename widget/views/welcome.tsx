import { Avatar } from '../../ui/avatar.tsx';

export interface WelcomeProps {
  /** Of the tenant. */
  readonly name: string;
  readonly greeting: string;
  /** Up to four, offered as long as nothing was written. */
  readonly questions: readonly string[];
  readonly label: string;
  readonly onAsk: (question: string) => void;
}

/** How a conversation begins: the tenant's word, and questions that one tap asks. */
export function Welcome({ name, greeting, questions, label, onAsk }: WelcomeProps) {
  return (
    <section class="welcome">
      <div class="group">
        <Avatar user={undefined} name={name} />
        <div class="rows">
          <div class="bubble greeting" dir="auto">
            {greeting}
          </div>
        </div>
      </div>
      {questions.length > 0 && (
        <fieldset class="questions" aria-label={label}>
          {questions.slice(0, 4).map((question) => (
            <button key={question} type="button" dir="auto" onClick={() => onAsk(question)}>
              {question}
            </button>
          ))}
        </fieldset>
      )}
    </section>
  );
}
