// Builds this page into dist/: plain files with relative addresses, no inline script or style, so that
// any static server can serve them from any path under a strict content security policy.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
