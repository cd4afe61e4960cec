import { readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

const WASM = "ort-wasm-simd-threaded.wasm"; // of onnxruntime-web, for processors

/** Keeps the program of onnxruntime-web out of scripts: the page has it in an element of its own, packed. */
const withoutWasm = (): Plugin => ({
  name: "without-wasm",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("onnxruntime-web")) return null;
    return code.replaceAll(new RegExp(`new URL\\("${WASM}",\\s*import\\.meta\\.url\\)\\.href`, "g"), `"${WASM}"`);
  },
});

/** Writes that program, packed, beside the page. */
const packedWasm = (): Plugin => ({
  name: "packed-wasm",
  closeBundle() {
    writeFileSync("dist/onnxruntime.wasm.z", deflateSync(readFileSync(`node_modules/onnxruntime-web/dist/${WASM}`), { level: 9 }));
  },
});

// One file comes out, dist/MODE.html, with script and style inside: `player` plays a clip, `avatar` one on a face of the
// user's own, `compare` several faces side by side, `live` one that talks as you do. Each page is a build of its own
// (`vite build --mode compare`); the package build moves them into the package. `module` is the package for npm instead.
export default defineConfig(({ mode }) => ({
  plugins: [withoutWasm(), ...(mode === "module" ? [] : [viteSingleFile({ removeViteModuleLoader: true })]), ...(mode === "live" ? [packedWasm()] : [])],
  worker: { format: "iife", plugins: () => [withoutWasm()] },
  build: {
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    emptyOutDir: false,
    ...(mode === "module"
      ? { outDir: "module/dist", lib: { entry: "src/live/index.ts", formats: ["es" as const], fileName: "index" } }
      : { rolldownOptions: { input: `${mode}.html` } }),
  },
}));
