import { AdditiveBlending, DoubleSide, MeshStandardMaterial, ShaderChunk, type Material } from "three";

/** How one kind of surface looks. `scatter` is how far light travels under it, 1 = skin; `grain` is how rough its skin is. */
interface Look {
  colour: string;
  tint?: string;
  roughness: number;
  scatter: number;
  reflection?: number;
  grain?: number;
  twoSided?: boolean;
}

const LOOKS: Record<string, Look> = {
  skin: { colour: "#d2ab97", tint: "#b87468", roughness: 0.5, scatter: 1, reflection: 0.55, grain: 1 },
  sclera: { colour: "#e6dfd8", tint: "#d9a79a", roughness: 0.22, scatter: 0.5, reflection: 0.3 },
  iris: { colour: "#71858c", roughness: 0.5, scatter: 0.3, reflection: 0.2 },
  pupil: { colour: "#050505", roughness: 0.4, scatter: 0, reflection: 0.1 },
  rim: { colour: "#c99a8c", roughness: 0.16, scatter: 0.8, reflection: 0.8 },
  teeth: { colour: "#e6dccb", roughness: 0.28, scatter: 0.6, reflection: 0.5 },
  gums: { colour: "#b5655f", roughness: 0.35, scatter: 0.8, reflection: 0.6 },
  tongue: { colour: "#c47d76", roughness: 0.45, scatter: 1, reflection: 0.5 },
  brows: { colour: "#6a5446", roughness: 0.75, scatter: 0.2, reflection: 0.12, twoSided: true },
  lashes: { colour: "#30251f", roughness: 0.9, scatter: 0, reflection: 0, twoSided: true },
  hair: { colour: "#4a3122", roughness: 0.5, scatter: 0.25, reflection: 0.3 },
  fuzz: { colour: "#4a3122", roughness: 0.95, scatter: 0.25, reflection: 0.1 },
};

/** sRGB, 0…255, of a part where the face brings no colours: that of its material, and of the lips. */
export function plainColours(kind: string): { colour: number[]; tint: number[] } {
  const { colour, tint } = LOOKS[kind] ?? LOOKS.skin;
  return { colour: bytes(colour), tint: bytes(tint ?? colour) };
}

const bytes = (hex: string): number[] => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** The same kind of surface as a glTF material whose colour the vertices bring. */
export function surfaceOf(kind: string): Record<string, unknown> {
  const wet = kind === "cornea"; // reflections alone
  const { roughness, twoSided } = LOOKS[kind] ?? LOOKS.skin;
  return {
    name: kind,
    pbrMetallicRoughness: {
      baseColorFactor: wet ? [0, 0, 0, 0.1] : [1, 1, 1, 1],
      metallicFactor: kind === "pupil" ? 1 : 0, // of metal, which reflects no more than its own black
      roughnessFactor: wet ? 0.02 : roughness,
    },
    alphaMode: wet ? "BLEND" : undefined,
    doubleSided: twoSided,
  };
}

/**
 * Materials without textures, all of one shader. Each vertex carries its colour (`paint`, sRGB), where it is at rest
 * (`rest`, metres), and two numbers: `openness`, how much of the sky it sees (it darkens what comes from all around, in
 * warm tones as skin does), and `tint`, how much it belongs to the lips.
 *
 * @param kind the part's material; an unknown one is skin
 */
export function materialFor(kind: string): Material {
  if (kind === "cornea") return cornea();
  const look = LOOKS[kind] ?? LOOKS.skin;
  const material = new MeshStandardMaterial({ roughness: look.roughness });
  if (look.twoSided) material.side = DoubleSide;
  const uniforms = {
    scatter: { value: look.scatter },
    reflection: { value: look.reflection ?? 1 },
    grain: { value: look.grain ?? 0 },
  };
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, uniforms);
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${SHADE.vertex}`)
      .replace("#include <begin_vertex>", "#include <begin_vertex>\nvShade = shade;\nvRest = rest;\nvPaint = paint;");
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${SHADE.fragment}${NOISE}`)
      .replace("#include <color_fragment>", COLOUR)
      .replace("#include <roughnessmap_fragment>", ROUGHNESS)
      .replace("#include <normal_fragment_maps>", PORES)
      .replace("#include <lights_physical_pars_fragment>", WRAPPED)
      .replace("#include <aomap_fragment>", OCCLUDED);
  };
  return material;
}

/** The wet front of the eye: nothing but its reflections, laid over what lies behind. */
function cornea(): Material {
  return new MeshStandardMaterial({
    color: "#000",
    roughness: 0.06,
    envMapIntensity: 3.2,
    blending: AdditiveBlending,
    depthWrite: false,
    transparent: true,
  });
}

const SHADE = {
  vertex: `attribute vec2 shade;\nattribute vec3 rest;\nattribute vec3 paint;
varying vec2 vShade;\nvarying vec3 vRest;\nvarying vec3 vPaint;`,
  fragment: `uniform float scatter;\nuniform float reflection;\nuniform float grain;
varying vec2 vShade;\nvarying vec3 vRest;\nvarying vec3 vPaint;`,
};

/** Value noise with its gradient (after Quilez, "Value noise derivatives"): x is −1…1, yzw its slope. */
const NOISE = `
float hash3( vec3 p ) { p = fract( p * 0.3183099 + 0.1 ); p *= 17.0; return fract( p.x * p.y * p.z * ( p.x + p.y + p.z ) ); }
vec4 noiseSlope( vec3 x ) {
  vec3 i = floor( x ), w = fract( x );
  vec3 u = w * w * w * ( w * ( w * 6.0 - 15.0 ) + 10.0 ), du = 30.0 * w * w * ( w * ( w - 2.0 ) + 1.0 );
  float a = hash3( i ), b = hash3( i + vec3( 1, 0, 0 ) ), c = hash3( i + vec3( 0, 1, 0 ) ), d = hash3( i + vec3( 1, 1, 0 ) );
  float e = hash3( i + vec3( 0, 0, 1 ) ), f = hash3( i + vec3( 1, 0, 1 ) ), g = hash3( i + vec3( 0, 1, 1 ) ), h = hash3( i + vec3( 1, 1, 1 ) );
  float k1 = b - a, k2 = c - a, k3 = e - a, k4 = a - b - c + d, k5 = a - c - e + g, k6 = a - b - e + f;
  float k7 = b + c + e - a - d - f - g + h;
  return vec4(
    2.0 * ( a + k1 * u.x + k2 * u.y + k3 * u.z + k4 * u.x * u.y + k5 * u.y * u.z + k6 * u.z * u.x + k7 * u.x * u.y * u.z ) - 1.0,
    2.0 * du * vec3( k1 + k4 * u.y + k6 * u.z + k7 * u.y * u.z, k2 + k5 * u.z + k4 * u.x + k7 * u.z * u.x, k3 + k6 * u.x + k5 * u.y + k7 * u.x * u.y ) );
}
float finer( float perMetre ) { return grain * ( 1.0 - smoothstep( 0.25, 0.9, length( fwidth( vRest ) ) * perMetre ) ); }
`;

/** The vertex's own colour, a little uneven where there are pores. */
const COLOUR = `
  diffuseColor.rgb = pow( vPaint, vec3( 2.2 ) );
  float pores = finer( 420.0 ), wide = finer( 90.0 );
  vec4 broad = vec4( 0.0 ), fine = vec4( 0.0 );
  if ( wide > 0.0 ) broad = noiseSlope( vRest * 90.0 );
  if ( pores > 0.0 ) fine = noiseSlope( vRest * 1100.0 );
  diffuseColor.rgb *= 1.0 + wide * 0.03 * broad.x + pores * 0.05 * min( fine.x, 0.3 ) * ( 1.0 - vShade.y );
`;

/** Lips shine more than skin, and no skin shines evenly. */
const ROUGHNESS = `
  float roughnessFactor = roughness * mix( 1.0, 0.72, vShade.y );
  roughnessFactor *= 1.0 + 0.22 * wide * broad.x + 0.12 * pores * fine.x;
`;

/** Pores and fine lines as slopes; the head hardly turns, so that slopes at rest serve. */
const PORES = `
  if ( grain > 0.0 ) {
    vec3 slope = mat3( viewMatrix ) * ( pores * 0.05 * mix( 1.0, 1.8, vShade.y ) * fine.yzw + wide * 0.02 * broad.yzw );
    normal = normalize( normal - slope + dot( slope, normal ) * normal );
  }
`;

/**
 * Skin-like light: what enters comes out a little further on, red furthest, so that the edge of a shadow glows warm
 * (wrapped diffuse, a width per colour; after Green, "Real-Time Approximations to Subsurface Scattering", GPU Gems 2004).
 */
const WRAPPED = ShaderChunk.lights_physical_pars_fragment.replace(
  "reflectedLight.directDiffuse += irradiance * diffuseBRDF * ( 1.0 - F );",
  `vec3 width = scatter * vec3( 0.36, 0.22, 0.17 );
   vec3 wrap = saturate( ( dot( geometryNormal, directLight.direction ) + width ) / ( 1.0 + width ) );
   wrap = mix( wrap, wrap * wrap * ( 3.0 - 2.0 * wrap ), 0.35 );
   reflectedLight.directDiffuse += wrap * directLight.color * mix( 1.0, vShade.x, 0.55 ) * diffuseBRDF * ( 1.0 - F );`,
);

/** Hollows get less of the sky and reflect less; grazing skin has a faint fuzz of light. */
const OCCLUDED = `
  vec3 open = pow( vec3( vShade.x ), mix( vec3( 1.0 ), vec3( 0.75, 0.98, 1.06 ), scatter ) );
  reflectedLight.indirectDiffuse *= open;
  reflectedLight.indirectSpecular *= vShade.x * reflection;
  reflectedLight.directSpecular *= reflection * vShade.x * vShade.x;
  float grazing = pow( 1.0 - saturate( dot( geometryNormal, geometryViewDir ) ), 4.0 );
  reflectedLight.indirectDiffuse += 0.1 * scatter * grazing * open * diffuseColor.rgb;
`;
