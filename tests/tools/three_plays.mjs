// Opens a .glb with three.js, plays its animation to the seconds named and prints what moved, as JSON.
import { readFileSync } from "node:fs";
import { AnimationMixer } from "../../web/node_modules/three/build/three.module.js";
import { MeshoptDecoder } from "../../web/node_modules/three/examples/jsm/libs/meshopt_decoder.module.js";
import { GLTFLoader } from "../../web/node_modules/three/examples/jsm/loaders/GLTFLoader.js";

const [file, ...moments] = process.argv.slice(2);
globalThis.self ??= globalThis;
const data = readFileSync(file);
const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);

const loader = new GLTFLoader();
loader.setMeshoptDecoder(MeshoptDecoder);
loader.parse(bytes, "", (scene) => {
  const meshes = [];
  scene.scene.traverse((node) => node.morphTargetInfluences && meshes.push(node));
  const mixer = new AnimationMixer(scene.scene);
  mixer.clipAction(scene.animations[0]).play();
  const head = scene.scene.getObjectByName("head");
  const seen = moments.map((moment) => {
    mixer.setTime(Number(moment));
    return { weights: meshes.map((mesh) => [...mesh.morphTargetInfluences]), head: head?.quaternion.toArray() };
  });
  const names = meshes.map((mesh) => Object.keys(mesh.morphTargetDictionary));
  console.log(JSON.stringify({ names, duration: scene.animations[0].duration, seen }));
});
