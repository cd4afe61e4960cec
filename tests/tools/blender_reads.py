"""Run by Blender's Python: open a .glb and print what its shape keys and head do at the seconds named, as JSON."""

import json
import sys

import bpy

path, moments = sys.argv[1], [float(second) for second in sys.argv[2:]]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps = 60
bpy.ops.import_scene.gltf(filepath=path)
(face,) = [o for o in bpy.data.objects if o.type == "MESH" and o.data.shape_keys]
keys = face.data.shape_keys.key_blocks[1:]  # the first is the basis
(armature,) = [o for o in bpy.data.objects if o.type == "ARMATURE"]
weights, turns = [], []
for second in moments:
    frame = second * scene.render.fps
    scene.frame_set(int(frame), subframe=frame - int(frame))
    weights.append([key.value for key in keys])
    turns.append(armature.pose.bones["head"].rotation_quaternion.copy())
turned = max(turns[0].rotation_difference(turn).angle for turn in turns)
print(json.dumps({"keys": [key.name for key in keys], "weights": weights, "turned": turned}))
