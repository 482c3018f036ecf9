// What the server tells by itself: when a run or an account changes, the page asks again at once.
import { signal } from "@preact/signals";

/** Whether changes come by themselves just now. */
export const live = signal(false);

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

interface Hearer {
  /** Something has changed. */
  changed(): void;
  /** The connection ended; by the server's will when it does not know us any more. */
  ended(refused: boolean): void;
}

const POLICY = 1008;

/** Follows the stream that every run's and account's change is told by, for as long as it is not stopped. */
export function follow(hearer: Hearer): () => void {
  let socket: WebSocket | null = null;
  let wait = FIRST_WAIT;
  let timer = 0;
  let stopped = false;
  // Where the last message left off; a server that was started again begins anew.
  let epoch = "";
  let sequence = 0;

  const hear = (text: string) => {
    const message = JSON.parse(text) as { type: string; epoch?: string; sequence?: number };
    if (message.sequence !== undefined) sequence = message.sequence;
    if (message.type === "snapshot") {
      if (epoch && message.epoch !== epoch) hearer.changed();
      epoch = message.epoch ?? epoch;
    } else if (message.type === "delta") hearer.changed();
  };
  const open = () => {
    const address = new URL("/stream/performance", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (epoch) address.searchParams.set("after", `${epoch}:${sequence}`);
    socket = new WebSocket(address);
    socket.onopen = () => {
      wait = FIRST_WAIT;
      live.value = true;
    };
    socket.onmessage = (event) => hear(String(event.data));
    socket.onclose = (event) => {
      live.value = false;
      if (stopped) return;
      hearer.ended(event.code === POLICY);
      timer = window.setTimeout(open, wait);
      wait = Math.min(LONGEST_WAIT, wait * 2);
    };
  };
  open();
  return () => {
    stopped = true;
    live.value = false;
    window.clearTimeout(timer);
    socket?.close();
  };
}
