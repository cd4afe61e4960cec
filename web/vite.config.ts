import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

// One file comes out: dist/index.html with script and style inside. The package build moves it into the package.
export default defineConfig({
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  build: { target: "es2022", reportCompressedSize: false, chunkSizeWarningLimit: 2000 },
});
