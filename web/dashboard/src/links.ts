// Addresses of pages; the run that was chosen goes with the reader from page to page.
import { useLocation } from "preact-iso";

export function page(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return text ? `${path}?${text}` : path;
}

export function useQuery(): Record<string, string | undefined> {
  return useLocation().query;
}

/** Sets parts of the address' query; an empty text takes one out. */
export function useSetQuery(): (parts: Record<string, string | undefined>) => void {
  const { path, query, route } = useLocation();
  return (parts) => route(page(path, { ...query, ...parts }));
}
