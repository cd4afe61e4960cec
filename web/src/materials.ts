import { Color, MeshPhysicalMaterial, MeshStandardMaterial, ShaderChunk, type Material } from "three";

/**
 * Materials without textures. Each vertex carries two numbers: `openness`, how much of the sky it sees (it darkens what
 * comes from all around, in warm tones as skin does), and `tint`, how much it belongs to the lips.
 */
export function materialFor(kind: string): Material {
  return (MATERIALS[kind] ?? MATERIALS.skin)();
}

const MATERIALS: Record<string, () => Material> = {
  skin: () => soft(new MeshPhysicalMaterial({ color: "#d3a58d", roughness: 0.52, envMapIntensity: 0.5 }), "#a85d55", 1),
  teeth: () => soft(new MeshPhysicalMaterial({ color: "#efe6d8", roughness: 0.22, envMapIntensity: 0.5 }), "#efe6d8", 0.35),
  gums: () => soft(new MeshPhysicalMaterial({ color: "#b4645f", roughness: 0.3, envMapIntensity: 0.5 }), "#b4645f", 0.6),
  tongue: () => soft(new MeshPhysicalMaterial({ color: "#c0706a", roughness: 0.38, envMapIntensity: 0.5 }), "#c0706a", 0.7),
  eyes: () => new MeshPhysicalMaterial({ color: "#f2efea", roughness: 0.12, clearcoat: 1, clearcoatRoughness: 0.03 }),
  brows: () => new MeshStandardMaterial({ color: "#4a372d", roughness: 0.85, envMapIntensity: 0.3 }),
  lashes: () => new MeshStandardMaterial({ color: "#2b201b", roughness: 0.8, envMapIntensity: 0.3 }),
};

/**
 * Skin-like light: what enters comes out a little further on, red furthest, so that the edge of a shadow glows warm
 * (wrapped diffuse, a width per colour; after Green, "Real-Time Approximations to Subsurface Scattering", GPU Gems 2004),
 * and a faint fuzz catches light at grazing angles.
 */
function soft(material: MeshPhysicalMaterial, tint: string, depth: number): MeshPhysicalMaterial {
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, { tintColor: { value: new Color(tint) }, depth: { value: depth } });
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\nattribute vec2 shade;\nvarying vec2 vShade;`)
      .replace("#include <begin_vertex>", `#include <begin_vertex>\nvShade = shade;`);
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\nuniform vec3 tintColor;\nuniform float depth;\nvarying vec2 vShade;`)
      .replace("#include <color_fragment>", `diffuseColor.rgb = mix(diffuseColor.rgb, tintColor, vShade.y);`)
      .replace("#include <roughnessmap_fragment>", `float roughnessFactor = mix(roughness, roughness * 0.7, vShade.y);`)
      .replace("#include <lights_physical_pars_fragment>", wrapped)
      .replace("#include <aomap_fragment>", occluded);
  };
  return material;
}

const wrapped = ShaderChunk.lights_physical_pars_fragment.replace(
  "reflectedLight.directDiffuse += irradiance * diffuseBRDF * ( 1.0 - F );",
  `vec3 width = depth * vec3( 0.42, 0.2, 0.13 );
   vec3 wrap = saturate( ( dot( geometryNormal, directLight.direction ) + width ) / ( 1.0 + width ) );
   reflectedLight.directDiffuse += wrap * wrap * ( 2.0 - wrap ) * directLight.color * mix( 1.0, vShade.x, 0.5 ) * diffuseBRDF * ( 1.0 - F );`,
);

const occluded = `
  vec3 open = pow( vec3( vShade.x ), vec3( 0.85, 1.15, 1.25 ) );
  reflectedLight.indirectDiffuse *= open;
  reflectedLight.indirectSpecular *= vShade.x;
  reflectedLight.directSpecular *= mix( 0.2, 1.0, vShade.x );
  float grazing = pow( 1.0 - saturate( dot( geometryNormal, geometryViewDir ) ), 4.0 );
  reflectedLight.indirectDiffuse += 0.16 * grazing * open * diffuseColor.rgb;
`;
