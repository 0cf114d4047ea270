// How the console is built: static files that the gateway serves under /console/, with nothing inline but styles.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  // An asset in the page's own text would need a weaker content security policy.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
});
