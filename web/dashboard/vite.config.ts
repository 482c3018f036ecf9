import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a server: `orrery serve --port 8080`, or what ORRERY_SERVER says.
const server = process.env.ORRERY_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  server: { proxy: { "/api": server, "/healthz": server, "/readyz": server, "/docs": server } },
  build: {
    target: "es2022",
    assetsDir: "assets",
    // The page's policy takes no data: fonts, and small files are better kept by their name than inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // ECharts is large, comes late, and is kept for good.
    chunkSizeWarningLimit: 900,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
