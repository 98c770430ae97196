"""Write the network as an ONNX graph, with the fused operators that onnxruntime has for encoders.

The graph is built node by node rather than traced: it stays small and legible. Matrices are stored
as int8 with one scale for each output (a quarter of the size); onnxruntime unfolds them to float32
when it loads the graph. Activations are never quantised, so a text's answer does not depend on its
neighbours in a batch, as it would with the one scale for a whole tensor of dynamic quantisation.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

from models.network import HEADS, NetworkConfig

OPSET = 21
CONTRIB = "com.microsoft"
MASKED = -1e4

Array = npt.NDArray[np.generic]
Weights = Mapping[str, npt.NDArray[np.float32]]


def quantize_rows(
    weight: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Symmetric int8 of a matrix (rows, columns), and its scales (rows, 1)."""
    scales = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-12) / 127.0
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


class _Builder:
    """Collects nodes and constants."""

    def __init__(self, *, quantized: bool) -> None:
        self.nodes: list[object] = []
        self.constants: list[object] = []
        self.quantized = quantized

    def constant(self, name: str, value: Array) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(
        self, kind: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object
    ) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def linear(self, states: str, weight: npt.NDArray[np.float32], output: str) -> str:
        """States (.., in) times weight (out, in) transposed; the bias is added by the caller."""
        if not self.quantized:
            return self.node("MatMul", [states, self.constant(f"{output}.w", weight.T.copy())], output)
        packed, scales = quantize_rows(weight)
        stored = self.constant(f"{output}.q", packed.T.copy())
        unfolded = self.node("Cast", [stored], f"{output}.float", to=TensorProto.FLOAT)
        matrix = self.node("Mul", [unfolded, self.constant(f"{output}.s", scales.T.copy())], f"{output}.w")
        return self.node("MatMul", [states, matrix], output)

    def skip_norm(
        self, states: str, added: str, weights: Weights, prefix: str, bias: Array, output: str, epsilon: float
    ) -> str:
        inputs = [
            states,
            added,
            self.constant(f"{output}.gamma", weights[f"{prefix}.weight"]),
            self.constant(f"{output}.beta", weights[f"{prefix}.bias"]),
            self.constant(f"{output}.bias", bias),
        ]
        return self.node("SkipLayerNormalization", inputs, output, domain=CONTRIB, epsilon=epsilon)


def _embed(build: _Builder, weights: Weights, config: NetworkConfig) -> str:
    """Word and place embeddings, then LayerNorm; words are int8 with a scale for each piece."""
    words = weights["words.weight"]
    if build.quantized:
        packed, scale = quantize_rows(words)
        table = build.constant("words.q", packed)
        raw = build.node(
            "Cast",
            [build.node("Gather", [table, "ids"], "words.picked")],
            "words.float",
            to=TensorProto.FLOAT,
        )
        scales = build.node("Gather", [build.constant("words.s", scale), "ids"], "words.scale")
        looked_up = build.node("Mul", [raw, scales], "words")
    else:
        looked_up = build.node("Gather", [build.constant("words.w", words), "ids"], "words")
    length = build.node("Shape", ["ids"], "length", start=1, end=2)
    zero = build.constant("zero", np.array([0], dtype=np.int64))
    places = build.node(
        "Slice", [build.constant("places.w", weights["places.weight"]), zero, length], "places"
    )
    summed = build.node("Add", [looked_up, places], "embedded")
    gamma = build.constant("embedding_norm.g", weights["embedding_norm.weight"])
    beta = build.constant("embedding_norm.b", weights["embedding_norm.bias"])
    return build.node("LayerNormalization", [summed, gamma, beta], "states.0", epsilon=config.epsilon)


def _layer(build: _Builder, states: str, weights: Weights, config: NetworkConfig, index: int) -> str:
    name, prefix = f"l{index}", f"layers.{index}"
    joined = [
        build.linear(states, weights[f"{prefix}.{part}.weight"], f"{name}.{part}")
        for part in ("query", "key", "value")
    ]
    bias = np.concatenate([weights[f"{prefix}.{part}.bias"] for part in ("query", "key", "value")])
    attended = build.node(
        "MultiHeadAttention", [*joined, build.constant(f"{name}.bias", bias), "", "allowed"],
        f"{name}.attended", domain=CONTRIB, num_heads=config.heads,
    )  # fmt: skip
    projected = build.linear(attended, weights[f"{prefix}.output.weight"], f"{name}.output")
    middle = build.skip_norm(
        projected, states, weights, f"{prefix}.attention_norm", weights[f"{prefix}.output.bias"],
        f"{name}.middle", config.epsilon,
    )  # fmt: skip
    wide = build.linear(middle, weights[f"{prefix}.widen.weight"], f"{name}.widen")
    wide_bias = build.constant(f"{name}.widen.b", weights[f"{prefix}.widen.bias"])
    active = build.node("BiasGelu", [wide, wide_bias], f"{name}.active", domain=CONTRIB)
    narrow = build.linear(active, weights[f"{prefix}.narrow.weight"], f"{name}.narrow")
    return build.skip_norm(
        narrow, middle, weights, f"{prefix}.output_norm", weights[f"{prefix}.narrow.bias"],
        f"states.{index + 1}", config.epsilon,
    )  # fmt: skip


def _pool_and_classify(build: _Builder, states: str, weights: Weights) -> str:
    """Mean and attention pooling, then one linear layer for all heads (kept in float32)."""
    axis = build.constant("axis.last", np.array([-1], dtype=np.int64))
    tokens = build.constant("axis.tokens", np.array([1], dtype=np.int64))
    column = build.node("Unsqueeze", ["real", axis], "real.column")
    total = build.node(
        "ReduceSum", [build.node("Mul", [states, column], "real.states"), tokens], "sum", keepdims=0
    )
    count = build.node("ReduceSum", ["real", axis], "count", keepdims=1)
    mean = build.node("Div", [total, count], "mean")
    query = build.constant("pool.w", weights["pool_query.weight"].T.copy())
    scored = build.node("MatMul", [states, query], "pool.raw")
    scored = build.node("Add", [scored, build.constant("pool.b", weights["pool_query.bias"])], "pool.scored")
    blocked = build.node("Unsqueeze", ["blocked", axis], "blocked.column")
    attention = build.node(
        "Softmax", [build.node("Add", [scored, blocked], "pool.masked")], "pool.attention", axis=1
    )
    weighed = build.node(
        "ReduceSum", [build.node("Mul", [states, attention], "pool.states"), tokens], "pool", keepdims=0
    )
    pooled = build.node("Concat", [mean, weighed], "pooled", axis=-1)
    product = build.node(
        "MatMul", [pooled, build.constant("classify.w", weights["classify.weight"].T.copy())], "classify"
    )
    return build.node("Add", [product, build.constant("classify.b", weights["classify.bias"])], "logits")


def build_graph(weights: Weights, config: NetworkConfig, *, quantized: bool) -> ModelProto:
    """The ONNX model: inputs ``ids`` and ``mask`` (batch, tokens) int64; outputs ``logits`` (batch, heads)
    and ``vector`` (batch, 2 * hidden), what the heads look at, of length one.
    """
    build = _Builder(quantized=quantized)
    build.node("Cast", ["mask"], "real", to=TensorProto.FLOAT)
    one = build.constant("one", np.array(1.0, dtype=np.float32))
    closed = build.node("Sub", [one, "real"], "closed")
    build.node("Mul", [closed, build.constant("masked", np.array(MASKED, dtype=np.float32))], "blocked")
    axes = build.constant("axes.heads", np.array([1, 2], dtype=np.int64))
    build.node("Unsqueeze", ["blocked", axes], "blocked.row")
    length = build.node("Shape", ["ids"], "mask.length", start=1, end=2)
    batch = build.node("Shape", ["ids"], "mask.batch", start=0, end=1)
    single = build.constant("single", np.array([1], dtype=np.int64))
    build.node(
        "Expand",
        ["blocked.row", build.node("Concat", [batch, single, length, length], "mask.shape", axis=0)],
        "allowed",
    )
    states = _embed(build, weights, config)
    for index in range(config.layers):
        states = _layer(build, states, weights, config, index)
    _pool_and_classify(build, states, weights)
    build.node("LpNormalization", ["pooled"], "vector", axis=-1, p=2)
    shape = ["batch", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")]
    widths = {"logits": sum(HEADS.values()), "vector": 2 * config.hidden}
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
        for name, width in widths.items()
    ]
    graph = helper.make_graph(build.nodes, "triage", inputs, outputs, build.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)
