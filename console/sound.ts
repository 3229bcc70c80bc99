/**
 * A short tone, made and not loaded. Browsers let a page sound only after somebody has touched it, so the audio context is made
 * by the first gesture; before that there is silence, and no warning in the log.
 */

/** Hertz: two notes, a fourth apart; soft enough for the hundredth time. */
const NOTES = [659.25, 880] as const;
const NOTE_SECONDS = 0.11;
const VOLUME = 0.08;
/** Milliseconds between two tones: ten messages at once sound once. */
const REST_MS = 2_000;

const GESTURES = ['pointerdown', 'keydown'] as const;

export class Sound {
  #context: AudioContext | undefined;
  #playedAt = Number.NEGATIVE_INFINITY;
  readonly #onGesture = () => {
    this.#forgetGestures();
    try {
      this.#context = new AudioContext();
    } catch {
      // No audio device: the title and the list say it as well.
    }
  };

  constructor() {
    for (const type of GESTURES) addEventListener(type, this.#onGesture, { passive: true });
  }

  play(): void {
    const context = this.#context;
    const now = performance.now();
    if (!context || now - this.#playedAt < REST_MS) return;
    this.#playedAt = now;
    NOTES.forEach((pitch, index) => {
      playNote(context, pitch, context.currentTime + index * NOTE_SECONDS);
    });
  }

  stop(): void {
    this.#forgetGestures();
    // Closing an audio device can fail; there is nobody left to hear of it.
    this.#context?.close().catch(() => undefined);
  }

  #forgetGestures(): void {
    for (const type of GESTURES) removeEventListener(type, this.#onGesture);
  }
}

function playNote(context: AudioContext, pitch: number, at: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(VOLUME, at + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_SECONDS * 2);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + NOTE_SECONDS * 2);
}
