"""The built-in head: MakeHuman's mesh and faces, Mika Suominen's ARKit face units, all CC0; the rest is ours."""
