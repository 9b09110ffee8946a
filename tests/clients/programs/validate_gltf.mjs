// node validate_gltf.mjs FOLDER_WITH_NODE_MODULES FILE.glb: prints Khronos' report as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, file] = process.argv.slice(2);
const validator = createRequire(`${folder}/`)("gltf-validator");
const report = await validator.validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 0 });
console.log(JSON.stringify({ version: validator.version(), ...report }));
