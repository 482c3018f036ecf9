import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, live } from "./live";

class Socket {
  static all: Socket[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  closed = false;
  constructor(readonly address: URL) {
    Socket.all.push(this);
  }
  close() {
    this.closed = true;
    this.onclose?.({ code: 1000 });
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const last = () => Socket.all[Socket.all.length - 1] as Socket;
const changed = vi.fn();
const ended = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  changed.mockReset();
  ended.mockReset();
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("location", new URL("https://desk.example/portfolio"));
  vi.stubGlobal("window", globalThis);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("following", () => {
  it("tells of changes, not of the first state", () => {
    const stop = follow({ changed, ended });
    expect(String(last().address)).toBe("wss://desk.example/stream/performance");
    last().onopen?.();
    expect(live.value).toBe(true);
    last().say({ type: "snapshot", epoch: "e", sequence: 3, rows: [] });
    expect(changed).not.toHaveBeenCalled();
    last().say({ type: "delta", sequence: 4, after: 3, rows: [] });
    expect(changed).toHaveBeenCalledTimes(1);
    stop();
    expect(live.value).toBe(false);
    expect(ended).not.toHaveBeenCalled();
  });

  it("goes on where it was after a cut, waiting longer each time", () => {
    follow({ changed, ended });
    last().say({ type: "snapshot", epoch: "e", sequence: 3, rows: [] });
    last().onclose?.({ code: 1006 });
    expect(ended).toHaveBeenCalledWith(false);
    vi.advanceTimersByTime(999);
    expect(Socket.all.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(last().address.search).toBe("?after=e%3A3");
    last().onclose?.({ code: 1008 });
    expect(ended).toHaveBeenLastCalledWith(true);
    vi.advanceTimersByTime(1999);
    expect(Socket.all.length).toBe(2);
    vi.advanceTimersByTime(1);
    expect(Socket.all.length).toBe(3);
  });

  it("takes a server that was started again for a change", () => {
    follow({ changed, ended });
    last().say({ type: "snapshot", epoch: "e", sequence: 3, rows: [] });
    last().say({ type: "snapshot", epoch: "f", sequence: 1, rows: [] });
    expect(changed).toHaveBeenCalledTimes(1);
  });
});
