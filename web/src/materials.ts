import { AdditiveBlending, Color, MeshStandardMaterial, ShaderChunk, Vector2, type Material } from "three";

/** How one kind of surface looks. `scatter` is how far light travels under it, 1 = skin. */
interface Look {
  colour: string;
  tint?: string;
  roughness: number;
  scatter: number;
  reflection?: number;
}

const LOOKS: Record<string, Look> = {
  skin: { colour: "#d2ab97", tint: "#b87468", roughness: 0.5, scatter: 1, reflection: 0.55 },
  sclera: { colour: "#e6dfd8", tint: "#d9a79a", roughness: 0.3, scatter: 0.5, reflection: 0.3 },
  iris: { colour: "#71858c", roughness: 0.5, scatter: 0.3, reflection: 0.2 },
  pupil: { colour: "#050505", roughness: 0.4, scatter: 0, reflection: 0.1 },
  teeth: { colour: "#e6dccb", roughness: 0.28, scatter: 0.6, reflection: 0.5 },
  gums: { colour: "#b5655f", roughness: 0.35, scatter: 0.8, reflection: 0.6 },
  tongue: { colour: "#c47d76", roughness: 0.45, scatter: 1, reflection: 0.5 },
  brows: { colour: "#6a5446", roughness: 0.9, scatter: 0.2, reflection: 0.1 },
  lashes: { colour: "#30251f", roughness: 0.9, scatter: 0, reflection: 0 },
};

/**
 * Materials without textures, all of one shader. Each vertex carries two numbers: `openness`, how much of the sky it sees
 * (it darkens what comes from all around, in warm tones as skin does), and `tint`, how much it belongs to the lips.
 *
 * @param kind the part's material; an unknown one is skin
 * @param iris where the optical axis runs and how wide the iris is, for parts of an eye (metres, at rest)
 */
export function materialFor(kind: string, iris?: { axis: Vector2; radius: number }): Material {
  if (kind === "cornea") return cornea();
  const look = LOOKS[kind] ?? LOOKS.skin;
  const material = new MeshStandardMaterial({ color: look.colour, roughness: look.roughness });
  const uniforms = {
    tintColor: { value: new Color(look.tint ?? look.colour) },
    scatter: { value: look.scatter },
    reflection: { value: look.reflection ?? 1 },
    irisAxis: { value: iris?.axis ?? new Vector2() },
    irisRadius: { value: kind === "iris" ? iris!.radius : 0 },
  };
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, uniforms);
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${SHADE.vertex}`)
      .replace("#include <begin_vertex>", `#include <begin_vertex>\nvShade = shade;\nvRest = rest.xy - irisAxis;`);
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${SHADE.fragment}`)
      .replace("#include <color_fragment>", COLOUR)
      .replace("#include <roughnessmap_fragment>", `float roughnessFactor = mix(roughness, roughness * 0.72, vShade.y);`)
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
    envMapIntensity: 1.6,
    blending: AdditiveBlending,
    depthWrite: false,
    transparent: true,
  });
}

const SHADE = {
  vertex: `attribute vec2 shade;\nattribute vec3 rest;\nuniform vec2 irisAxis;\nvarying vec2 vShade;\nvarying vec2 vRest;`,
  fragment: `uniform vec3 tintColor;\nuniform float scatter;\nuniform float reflection;\nuniform float irisRadius;
varying vec2 vShade;\nvarying vec2 vRest;`,
};

/** Lips over skin; an iris from a pale collar outwards to its dark rim, with fibres. */
const COLOUR = `
  diffuseColor.rgb = mix( diffuseColor.rgb, tintColor, vShade.y );
  if ( irisRadius > 0.0 ) {
    float r = length( vRest ) / irisRadius;
    float turn = atan( vRest.y, vRest.x );
    float fibres = 0.5 + 0.25 * sin( 37.0 * turn + 5.0 * r ) + 0.25 * sin( 61.0 * turn - 9.0 * r );
    diffuseColor.rgb *= mix( 0.8, 1.2, fibres );
    diffuseColor.rgb = mix( diffuseColor.rgb, vec3( 0.42, 0.3, 0.16 ), 0.55 * ( 1.0 - smoothstep( 0.42, 0.66, r ) ) );
    diffuseColor.rgb *= mix( 1.35, 0.16, smoothstep( 0.72, 1.0, r ) ) * mix( 0.5, 1.0, smoothstep( 0.34, 0.5, r ) );
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
  vec3 open = pow( vec3( vShade.x ), mix( vec3( 1.0 ), vec3( 0.9, 1.12, 1.2 ), scatter ) );
  reflectedLight.indirectDiffuse *= open;
  reflectedLight.indirectSpecular *= vShade.x * reflection;
  reflectedLight.directSpecular *= reflection * vShade.x * vShade.x;
  float grazing = pow( 1.0 - saturate( dot( geometryNormal, geometryViewDir ) ), 4.0 );
  reflectedLight.indirectDiffuse += 0.1 * scatter * grazing * open * diffuseColor.rgb;
`;
