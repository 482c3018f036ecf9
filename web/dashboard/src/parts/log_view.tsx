// What a program has printed, in a dialog.
import { useState } from "preact/hooks";
import { getText } from "../api/client";
import { Modal } from "./dialog";

export function LogView({ title, path, onClose }: { title: string; path: string; onClose: () => void }) {
  const [text, setText] = useState<string | null>(null);
  useState(() => {
    void getText(path).then(setText, (error: Error) => setText(error.message));
  });
  return (
    <Modal title={title} onClose={onClose}>
      <pre tabIndex={0}>{text === null ? "Reading…" : text || "It has printed nothing."}</pre>
      <div class="answers"><button type="button" onClick={onClose}>Close</button></div>
    </Modal>
  );
}
