#!/usr/bin/env python3
"""Small reference numbers for the model, by a second implementation written from the formulas (Python, torch, numpy; no transformers).

  make.py            writes the model folders beside this file anew: the same seed gives the same bytes on the same libtorch
  make.py FOLDER...  recomputes a model folder that another implementation made (the published code, say) and prints the greatest
                     error a tensor: what shows that this second implementation is right
"""
import json, math, os, struct, sys
import numpy, torch
import torch.nn.functional as F

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
TOWER = "model.vision_tower.vision_tower.vision_model."


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    cut = lambda e: bytearray(data[e["data_offsets"][0]:e["data_offsets"][1]])
    return {n: torch.frombuffer(cut(e), dtype=TYPES[e["dtype"]]).reshape(e["shape"]).float() for n, e in header.items()}


def write(path, tensors, dtype="F32"):
    header, data = {}, b""
    for name in sorted(tensors):
        values = tensors[name].contiguous().to(TYPES[dtype])
        raw = bytes(values.reshape(-1).view(torch.int32 if dtype == "F32" else torch.int16).numpy().tobytes())
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def weights_of(folder):
    files = [f for f in sorted(os.listdir(folder)) if f.endswith(".safetensors") and f != "golden.safetensors"]
    return {name: values for file in files for name, values in read(os.path.join(folder, file)).items()}


def linear(w, name, x):
    return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return torch.softmax(scores if mask is None else scores + mask, -1) @ v


def heads(x, count):
    return x.reshape(*x.shape[:-1], count, -1).transpose(-2, -3)


def together(x):
    return x.transpose(-2, -3).flatten(-2)


def tower(w, c, pixels):
    clip = c["model_type"].startswith("clip")
    norm = lambda name, x: F.layer_norm(x, x.shape[-1:], w[TOWER + name + ".weight"], w[TOWER + name + ".bias"], c["layer_norm_eps"])
    act = (lambda x: x * torch.sigmoid(1.702 * x)) if clip else (lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))))
    x = F.conv2d(pixels, w[TOWER + "embeddings.patch_embedding.weight"], w.get(TOWER + "embeddings.patch_embedding.bias"), stride=c["patch_size"])
    x = x.flatten(2).transpose(1, 2)
    if clip:
        x = torch.cat([w[TOWER + "embeddings.class_embedding"].expand(x.shape[0], 1, -1), x], 1)
    x = x + w[TOWER + "embeddings.position_embedding.weight"]
    if clip:
        x = norm("pre_layrnorm", x)
    for i in range(c["num_hidden_layers"] - (1 if clip else 0)):
        layer, n = f"encoder.layers.{i}.", c["num_attention_heads"]
        h = norm(layer + "layer_norm1", x)
        q, k, v = (heads(linear(w, f"{TOWER}{layer}self_attn.{p}_proj", h), n) for p in "qkv")
        x = x + linear(w, TOWER + layer + "self_attn.out_proj", together(attention(q, k, v)))
        x = x + linear(w, TOWER + layer + "mlp.fc2", act(linear(w, TOWER + layer + "mlp.fc1", norm(layer + "layer_norm2", x))))
    return x[:, 1:] if clip else x


def pool(x, side, mode):
    grid = x.transpose(1, 2).reshape(x.shape[0], x.shape[2], side, side)
    half = math.ceil(side / 2)
    grid = F.avg_pool2d(grid, 2) if mode == "average" else F.interpolate(grid, size=(half, half), mode="bilinear")
    return grid.flatten(2).transpose(1, 2)


def join(w, x, mode):
    line = w.get("model.image_newline")
    if mode in ("grid", "frame"):
        rows = int(math.sqrt(x.shape[1])) if mode == "grid" else 1
        x = x.reshape(x.shape[0], rows, -1, x.shape[2])
        return torch.cat([x, line.expand(x.shape[0], rows, 1, -1)], 2).flatten(0, 2)
    return torch.cat([x.flatten(0, 1), line[None]]) if mode == "one_token" and line is not None else x.flatten(0, 1)


def decode(w, c, x):
    """[T, d] -> the hidden states, the last one after the final norm."""
    norm = lambda name, x: w[name + ".weight"] * x * torch.rsqrt((x * x).mean(-1, keepdim=True) + c["rms_norm_eps"])
    n, kv, size = c["num_attention_heads"], c["num_key_value_heads"], c["hidden_size"] // c["num_attention_heads"]
    angle = torch.arange(len(x)).float()[:, None] * (1 / c["rope_theta"] ** (torch.arange(0, size, 2).float() / size))
    cos, sin = (torch.cat([t, t], -1) for t in (angle.cos(), angle.sin()))
    turn = lambda t: t * cos + torch.cat([-t[..., size // 2:], t[..., :size // 2]], -1) * sin
    mask = torch.full((len(x), len(x)), -math.inf).triu(1)
    states = [x]
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        h = norm(layer + "input_layernorm", x)
        q, k, v = turn(heads(linear(w, layer + "self_attn.q_proj", h), n)), turn(heads(linear(w, layer + "self_attn.k_proj", h), kv)), heads(linear(w, layer + "self_attn.v_proj", h), kv)
        k, v = (t.repeat_interleave(n // kv, 0) for t in (k, v))
        x = x + linear(w, layer + "self_attn.o_proj", together(attention(q, k, v, mask)))
        h = norm(layer + "post_attention_layernorm", x)
        x = x + linear(w, layer + "mlp.down_proj", F.silu(linear(w, layer + "mlp.gate_proj", h)) * linear(w, layer + "mlp.up_proj", h))
        states.append(x)
    return states[:-1] + [norm("model.norm", x)]


def compute(w, c, pixels, ids, text_ids, greedy, layouts):
    v = c["vision_config"]
    side, embed = v["image_size"] // v["patch_size"], w["model.embed_tokens.weight"]
    head = lambda h: F.linear(h, w.get("lm_head.weight", embed))
    out = {"pixel_values": pixels, "vision_hidden": tower(w, v, pixels)}
    out["projected"] = linear(w, "model.mm_projector.2", F.gelu(linear(w, "model.mm_projector.0", out["vision_hidden"])))

    def prompt(mode, newline):
        at, video = ids.index(-200), join(w, pool(out["projected"], side, mode), newline)
        return torch.cat([embed[ids[:at]], video, embed[ids[at + 1:]]])
    mode = c["mm_spatial_pool_mode"]
    newline = c.get("mm_newline_position", "one_token") if c["mm_patch_merge_type"].startswith("spatial") else "no_token"
    out["pooled"] = pool(out["projected"], side, mode)
    out["inputs_embeds"] = rows = prompt(mode, newline)
    states = decode(w, c, rows)
    out |= {f"decoder_hidden.{i}": state for i, state in enumerate(states)} | {"logits": head(states[-1])}
    for layout in layouts:
        other = prompt(mode if layout in ("grid", "frame", "one_token", "no_token") else layout, layout if layout in ("grid", "frame", "one_token", "no_token") else newline)
        out |= {f"inputs_embeds.{layout}": other, f"last_logits.{layout}": head(decode(w, c, other)[-1][-1:])}
    out["text_only_logits"] = head(decode(w, c, embed[text_ids])[-1])
    tokens, margin = [], math.inf
    for _ in range(greedy):
        top = head(decode(w, c, rows)[-1][-1]).topk(2)
        margin = min(margin, float(top.values[0] - top.values[1]) / float(out["logits"].abs().max()))
        tokens.append(int(top.indices[0]))
        rows = torch.cat([rows, embed[tokens[-1:]]])
    return out, tokens, margin


def check(folder):
    config, golden = (json.load(open(os.path.join(folder, name))) for name in ("config.json", "golden.json"))
    expected = read(os.path.join(folder, "golden.safetensors"))
    layouts = [name.split(".", 1)[1] for name in expected if name.startswith("inputs_embeds.")]
    found, tokens, _ = compute(weights_of(folder), config, expected["pixel_values"], golden["input_ids"], golden["text_only_ids"], len(golden["greedy_tokens"]), layouts)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    errors = {name: float((found[name] - expected[name]).abs().max() / expected[name].abs().max()) for name in expected}
    worst = max(errors, key=errors.get)
    print(f"{folder}: {len(errors)} tensors, greatest error {errors[worst]:.1e} ({worst}), greedy tokens {'identical' if tokens == golden['greedy_tokens'] else 'DIFFERENT'}")


def shapes(c):
    d, f, v = c["hidden_size"], c["intermediate_size"], c["vision_config"]
    h, m, kv = v["hidden_size"], v["intermediate_size"], c["hidden_size"] // c["num_attention_heads"] * c["num_key_value_heads"]
    clip, patches = v["model_type"].startswith("clip"), (v["image_size"] // v["patch_size"]) ** 2
    s = {"model.embed_tokens.weight": [c["vocab_size"], d], "model.norm.weight": [d]}
    if not c["tie_word_embeddings"]:
        s["lm_head.weight"] = [c["vocab_size"], d]
    if "unpad" in c["mm_patch_merge_type"]:
        s["model.image_newline"] = [d]
    both = lambda name, out, size: s.update({name + ".weight": [out, size], name + ".bias": [out]})
    both("model.mm_projector.0", d, h), both("model.mm_projector.2", d, d)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        s |= {p + "input_layernorm.weight": [d], p + "post_attention_layernorm.weight": [d], p + "self_attn.o_proj.weight": [d, d]}
        both(p + "self_attn.q_proj", d, d), both(p + "self_attn.k_proj", kv, d), both(p + "self_attn.v_proj", kv, d)
        s |= {p + "mlp.gate_proj.weight": [f, d], p + "mlp.up_proj.weight": [f, d], p + "mlp.down_proj.weight": [d, f]}
    s |= {TOWER + "embeddings.patch_embedding.weight": [h, 3, v["patch_size"], v["patch_size"]], TOWER + "embeddings.position_embedding.weight": [patches + clip, h]}
    s |= {TOWER + "embeddings.class_embedding": [h]} if clip else {TOWER + "embeddings.patch_embedding.bias": [h]}
    norms = ["post_layernorm"] + (["pre_layrnorm"] if clip else [])
    for i in range(v["num_hidden_layers"]):
        p = f"encoder.layers.{i}."
        norms += [p + "layer_norm1", p + "layer_norm2"]
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            both(TOWER + p + "self_attn." + name, h, h)
        both(TOWER + p + "mlp.fc1", m, h), both(TOWER + p + "mlp.fc2", h, m)
    for name in norms:
        s |= {TOWER + name + ".weight": [h], TOWER + name + ".bias": [h]}
    return s


def make(name, seed, dtype, frames, layouts, shards=1, **changes):
    """Weights large enough that every part matters: a wrong one shows in the logits."""
    config = {
        "architectures": ["LlavaQwenForCausalLM"], "model_type": "llava_qwen", "hidden_size": 64, "intermediate_size": 40, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 64, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "hidden_act": "silu", "tie_word_embeddings": False,
        "tokenizer_model_max_length": 512, "torch_dtype": {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}[dtype], "mm_projector_type": "mlp2x_gelu", "mm_vision_select_layer": -2,
        "mm_vision_select_feature": "patch", "mm_vision_tower": "google/siglip-so400m-patch14-384", "mm_patch_merge_type": "spatial_unpad", "mm_spatial_pool_mode": "bilinear",
        "mm_newline_position": "grid",
        "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 30,
                          "patch_size": 4, "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6},
    } | changes
    dice = numpy.random.default_rng(seed)
    weights = {}
    for tensor, shape in sorted(shapes(config).items()):
        values = dice.standard_normal(shape)
        fan = 1 if len(shape) == 1 or "embed" in tensor and len(shape) == 2 else numpy.prod(shape[1:])
        values = 1 + 0.2 * values if "norm" in tensor and tensor.endswith("weight") else values * (0.3 if len(shape) == 1 else 1.3 / math.sqrt(fan))
        weights[tensor] = torch.tensor(values, dtype=torch.float32).to(TYPES[dtype]).float()
    size = config["vision_config"]["image_size"]
    pixels = torch.tensor(dice.uniform(-1, 1, [frames, 3, size, size]), dtype=torch.float32)
    ids, text = [int(i) for i in dice.integers(0, 64, 9)], [int(i) for i in dice.integers(0, 64, 12)]
    out, tokens, margin = compute(weights, config, pixels, ids[:4] + [-200] + ids[4:], text, 12, layouts)
    assert margin > 1e-3, f"{name}: two tokens are nearly equally likely ({margin:.1e}); take another seed"

    os.makedirs(name, exist_ok=True)
    if shards == 1:
        write(f"{name}/model.safetensors", weights, dtype)
    else:
        files = [f"model-{i + 1:05}-of-{shards:05}.safetensors" for i in range(shards)]
        placed = {tensor: files[i * shards // len(weights)] for i, tensor in enumerate(sorted(weights))}
        for file in files:
            write(f"{name}/{file}", {tensor: weights[tensor] for tensor in weights if placed[tensor] == file}, dtype)
        json.dump({"metadata": {}, "weight_map": placed}, open(f"{name}/model.safetensors.index.json", "w"), indent=1)
    write(f"{name}/golden.safetensors", out)
    json.dump(config, open(f"{name}/config.json", "w"), indent=1)
    json.dump({"input_ids": ids[:4] + [-200] + ids[4:], "text_only_ids": text, "greedy_tokens": tokens}, open(f"{name}/golden.json", "w"))
    print(f"{name}: {len(weights)} weights, {len(out)} tensors, greedy {tokens}, smallest margin {margin:.1e}")


torch.set_num_threads(1)
with torch.no_grad():
    if len(sys.argv) > 1:
        [check(folder) for folder in sys.argv[1:]]
    else:
        os.chdir(os.path.dirname(os.path.abspath(__file__)))
        make("llava-video", 1, "F32", 2, ["frame", "one_token", "no_token", "average"])
        make("llava-video-tied-bf16", 7, "BF16", 2, [], shards=3, tie_word_embeddings=True)
        make("longva-f16", 3, "F16", 3, [], mm_vision_tower="openai/clip-vit-large-patch14-336", mm_patch_merge_type="unires", mm_newline_position=None, mm_spatial_pool_mode="average", rope_theta=1e9,
             vision_config={"model_type": "clip_vision_model", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 3, "num_attention_heads": 2, "image_size": 24,
                            "patch_size": 4, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5})
