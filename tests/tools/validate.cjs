// Prints the Khronos validator's reports on the files named, as one JSON array.
const { readFileSync } = require("node:fs");
const { validateBytes } = require("gltf-validator");

Promise.all(process.argv.slice(2).map((file) => validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 20 })))
  .then((reports) => console.log(JSON.stringify(reports)))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
