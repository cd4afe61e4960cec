"""Networks with the inputs and the inner node of speech engines: all symbols last equally long, the sound is flat."""

from pathlib import Path


def flat_voice(path: Path, inputs: dict[str, tuple[str, list]], inner: str, hop: int, frames: int = 4) -> Path:
    """Write a network whose first input holds symbols; `inputs` are kinds (`int64`, `float`) and shapes by name."""
    import onnx
    from onnx import TensorProto, helper

    kinds = {"int64": TensorProto.INT64, "float": TensorProto.FLOAT}
    values = [helper.make_tensor_value_info(name, kinds[kind], shape) for name, (kind, shape) in inputs.items()]
    nodes = [
        helper.make_node("Cast", [next(iter(inputs))], ["symbols"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["symbols", "none"], ["zeros"]),
        helper.make_node("Add", ["zeros", "frames"], [inner]),
        helper.make_node("ReduceSum", [inner], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "hop"], ["length"]),
        helper.make_node("Cast", ["length"], ["count"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["count", "one"], ["shape"]),
        helper.make_node(
            "ConstantOfShape", ["shape"], ["audio"], value=helper.make_tensor("value", TensorProto.FLOAT, [1], [0.1])
        ),
    ]
    constants = [("none", 0.0), ("frames", float(frames)), ("hop", float(hop))]
    tensors = [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in constants]
    tensors.append(helper.make_tensor("one", TensorProto.INT64, [1], [1]))
    output = helper.make_tensor_value_info("audio", TensorProto.FLOAT, [None])
    model = helper.make_model(
        helper.make_graph(nodes, "voice", values, [output], tensors),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
    )  # fmt: skip
    onnx.save(model, path)
    return path
