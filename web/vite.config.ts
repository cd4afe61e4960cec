import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

// One file comes out, dist/MODE.html, with script and style inside: `player` plays a clip, `avatar` one on a face of the
// user's own, `compare` several faces side by side. Each page is a build of its own (`vite build --mode compare`); the package
// build moves them into the package.
export default defineConfig(({ mode }) => ({
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    emptyOutDir: false,
    rolldownOptions: { input: `${mode}.html` },
  },
}));
