# Run by Godot 3 without a window: prints what the animation of an imported face.glb does at the seconds named, as JSON.
extends SceneTree

func _init():
	var moments = OS.get_cmdline_args()[-1].split_floats(",")
	var player = load("res://face.glb").instance().find_node("AnimationPlayer", true, false)
	var animation = player.get_animation("speech")
	var weights = {}
	for track in range(animation.get_track_count()):
		var path = str(animation.track_get_path(track))
		if ":blend_shapes/" in path:
			var values = []
			for moment in moments:
				values.append(animation.track_get_key_value(track, animation.track_find_key(track, moment)))
			weights[path.split("/")[-1]] = values
	print(to_json({"length": animation.length, "weights": weights}))
	quit()
