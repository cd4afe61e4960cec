import {
  BackSide,
  BoxGeometry,
  Color,
  DirectionalLight,
  HemisphereLight,
  Mesh,
  MeshBasicMaterial,
  PMREMGenerator,
  Scene,
  SphereGeometry,
  type Texture,
  type WebGLRenderer,
} from "three";

/** A portrait studio: a large key from the upper left, a soft fill, two rims that part the head from the background. */
export interface Studio {
  lights: (DirectionalLight | HemisphereLight)[];
  environment: Texture;
  /** In the dark theme the fill goes down and the rims come up. */
  setDark(dark: boolean): void;
}

/** `shadowSize`: pixels along each side of the key light's shadow. */
export function buildStudio(renderer: WebGLRenderer, shadowSize: number): Studio {
  const sky = new HemisphereLight("#eaf0f6", "#8a766b", 0.75);
  const key = directional("#fff5ec", 2.1, [-0.42, 0.55, 0.95]);
  const fill = directional("#e3ebf5", 0.55, [0.9, 0.05, 0.75]);
  const rim = directional("#eaf1ff", 1.1, [0.8, 0.5, -0.9]);
  const kicker = directional("#fff0e0", 0.6, [-0.95, 0.15, -0.75]);
  castSoftly(key, shadowSize);
  return {
    lights: [sky, key, fill, rim, kicker],
    environment: softboxes(renderer),
    setDark(dark) {
      sky.intensity = dark ? 0.42 : 0.75;
      fill.intensity = dark ? 0.35 : 0.55;
      rim.intensity = dark ? 2 : 1.1;
      kicker.intensity = dark ? 1.1 : 0.6;
    },
  };
}

function directional(colour: string, intensity: number, from: [number, number, number]): DirectionalLight {
  const light = new DirectionalLight(colour, intensity);
  light.position.set(...from);
  return light;
}

function castSoftly(light: DirectionalLight, size: number): void {
  light.castShadow = true;
  light.shadow.mapSize.set(size, size);
  light.shadow.radius = size / 256; // pixels: as soft at any size
  light.shadow.bias = -0.0004;
  light.shadow.normalBias = 0.0025; // metres; keeps the shadow from eating the rounding of the cheeks
  light.shadow.intensity = 0.6;
  const box = light.shadow.camera;
  Object.assign(box, { left: -0.22, right: 0.22, top: 0.22, bottom: -0.22, near: 0.05, far: 2 });
}

/** What the eyes reflect: a dark room with a window-like softbox, a fill card and a strip. Rendered once, small. */
function softboxes(renderer: WebGLRenderer): Texture {
  const room = new Scene();
  const wall = new MeshBasicMaterial({ color: new Color("#6f7780").multiplyScalar(0.55), side: BackSide });
  room.add(new Mesh(new SphereGeometry(10, 16, 12), wall));
  const card = (width: number, height: number, power: number, at: [number, number, number]) => {
    const material = new MeshBasicMaterial({ color: new Color(power, power, power) });
    const mesh = new Mesh(new BoxGeometry(width, height, 0.1), material);
    mesh.position.set(...at);
    mesh.lookAt(0, 0, 0);
    room.add(mesh);
  };
  card(3, 3.4, 12, [-3.6, 3, 6]);
  card(2.2, 3.6, 2.2, [6, 1, 4]);
  card(1.2, 6, 3, [5, 3, -6]);
  card(8, 8, 1.4, [0, 9, 0]);
  const generator = new PMREMGenerator(renderer);
  const texture = generator.fromScene(room, 0, 0.1, 50, { size: 128 }).texture;
  generator.dispose();
  room.traverse((object) => {
    if (object instanceof Mesh) {
      object.geometry.dispose();
      object.material.dispose();
    }
  });
  return texture;
}
