// A question that has to be answered before anything is changed.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiFailure } from "../api/client";

export function Modal({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={box} aria-label={title} onCancel={onClose} onClick={(event) => event.target === box.current && onClose()}>
      <div class="sheet">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export interface Question {
  title: string;
  /** What will happen. */
  text: ComponentChildren;
  /** The word on the button. */
  word: string;
  dangerous?: boolean;
  /** The question wants a reason; this names the field. */
  reason?: string;
  act: (reason: string) => Promise<unknown>;
}

export function Ask({ question, onClose }: { question: Question; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const act = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await question.act(reason.trim());
      onClose();
    } catch (error) {
      setFault(error instanceof ApiFailure ? error.message : "The server does not answer; nothing was changed as far as is known.");
      setBusy(false);
    }
  };
  return (
    <Modal title={question.title} onClose={onClose}>
      <form onSubmit={act}>
        <div class="soft">{question.text}</div>
        {question.reason && (
          <label class="field">
            {question.reason}
            <input required autofocus value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        )}
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="answers">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={question.dangerous ? "danger" : "primary"} disabled={busy || (!!question.reason && !reason.trim())}>
            {question.word}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** A question that is being asked, if any, and how to ask one. */
export function useQuestion(): [ComponentChildren, (question: Question) => void] {
  const [question, ask] = useState<Question | null>(null);
  return [question && <Ask question={question} onClose={() => ask(null)} />, ask];
}
