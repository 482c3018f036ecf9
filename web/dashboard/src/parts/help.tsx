import { PAGES } from "../keyboard";
import { Modal } from "./dialog";

const KEYS: [string[], string][] = [
  [["/"], "find a symbol"],
  [["j", "k"], "next and previous row; the arrows too, within a table"],
  [["Enter"], "open the row"],
  [["Esc"], "leave a field, close a window"],
  [["?"], "this help"],
];

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl class="keymap">
        {PAGES.map((page) => (
          <div key={page.key}><dt><kbd>g</kbd> <kbd>{page.key}</kbd></dt><dd>{page.name}</dd></div>
        ))}
        {KEYS.map(([keys, what]) => (
          <div key={what}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{what}</dd></div>
        ))}
      </dl>
      <div class="answers"><button type="button" autofocus onClick={onClose}>Close</button></div>
    </Modal>
  );
}
