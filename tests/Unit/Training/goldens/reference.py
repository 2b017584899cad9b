#!/usr/bin/env python3
"""An implementation of preference optimisation of its own, written from the formulas in f64 with plain autograd, and each answer in a
sequence of its own. It made the folder `preference` beside it. Needs torch and numpy, neither at test time.

    reference.py make preference           writes the folder: a tiny model, two pairs, three runs of three steps
    reference.py check FOLDER MODEL        trains as FOLDER's golden.json says and prints how far its numbers are from this file's
"""
import json, math, os, struct, sys
import numpy as np, torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
TYPES = {"F32": "<f4", "F64": "<f8"}


def read(path):
    raw = open(path, "rb").read()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    return {name: torch.tensor(np.frombuffer(raw[8 + size + e["data_offsets"][0]:8 + size + e["data_offsets"][1]], TYPES[e["dtype"]]).reshape(e["shape"]).astype("f8"))
            for name, e in header.items()}


def write(path, tensors, kind):
    header, body = {}, b""
    for name in sorted(tensors):
        data = tensors[name].detach().numpy().astype(TYPES[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensors[name].shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + body)


class Model:
    """config: config.json; w: name -> tensor, f64; lora: layer name -> (A, B), scale."""

    def __init__(self, config, w):
        self.c, self.w, self.lora, self.scale = config, w, {}, 0.0

    def linear(self, x, name):
        y = F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))
        if name in self.lora:
            a, b = self.lora[name]
            y = y + (x @ a.T @ b.T) * self.scale
        return y

    def tower(self, pixels):
        v, p = self.c["vision_config"], "model.vision_tower.vision_tower.vision_model."
        x = F.conv2d(pixels, self.w[p + "embeddings.patch_embedding.weight"], self.w[p + "embeddings.patch_embedding.bias"], stride=v["patch_size"])
        x = x.flatten(2).transpose(1, 2) + self.w[p + "embeddings.position_embedding.weight"]
        norm = lambda x, name: F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], v["layer_norm_eps"])
        heads = lambda x: x.reshape(*x.shape[:2], v["num_attention_heads"], -1).transpose(1, 2)
        for i in range(v["num_hidden_layers"]):
            l = f"{p}encoder.layers.{i}."
            h = norm(x, l + "layer_norm1")
            q, k, u = (heads(self.linear(h, f"{l}self_attn.{n}_proj")) for n in "qkv")
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1)
            x = x + self.linear((weights @ u).transpose(1, 2).flatten(2), l + "self_attn.out_proj")
            h = self.linear(norm(x, l + "layer_norm2"), l + "mlp.fc1")
            h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h ** 3)))
            x = x + self.linear(h, l + "mlp.fc2")
        return x

    def video(self, patches):
        h = self.linear(patches, "model.mm_projector.0")
        x = self.linear(0.5 * h * (1 + torch.erf(h / math.sqrt(2))), "model.mm_projector.2")
        frames, tokens, size = x.shape
        side = math.isqrt(tokens)
        small = math.ceil(side / 2)
        grid = F.interpolate(x.transpose(1, 2).reshape(frames, size, side, side), (small, small), mode="bilinear", align_corners=False)
        rows = grid.permute(0, 2, 3, 1).reshape(frames * small, small, size)
        newline = self.w["model.image_newline"].expand(frames * small, 1, size)
        return torch.cat([rows, newline], 1).reshape(-1, size)

    def decoder(self, x):
        c, length = self.c, x.shape[0]
        heads, groups = c["num_attention_heads"], c["num_attention_heads"] // c["num_key_value_heads"]
        half = c["hidden_size"] // heads // 2
        angles = torch.outer(torch.arange(length, dtype=torch.float64), c["rope_theta"] ** (-torch.arange(half, dtype=torch.float64) / half))
        norm = lambda x, name: self.w[name + ".weight"] * x / torch.sqrt((x * x).mean(-1, keepdim=True) + c["rms_norm_eps"])
        split = lambda x: x.reshape(length, -1, 2 * half).transpose(0, 1)
        def turn(x):
            a, b = x[..., :half], x[..., half:]
            return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)
        later = torch.full((length, length), -math.inf).triu(1)
        for i in range(c["num_hidden_layers"]):
            l = f"model.layers.{i}."
            h = norm(x, l + "input_layernorm")
            q, k, v = (split(self.linear(h, f"{l}self_attn.{n}_proj")) for n in "qkv")
            q, k, v = turn(q), turn(k).repeat_interleave(groups, 0), v.repeat_interleave(groups, 0)
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(2 * half) + later, -1)
            x = x + self.linear((weights @ v).transpose(0, 1).flatten(1), l + "self_attn.o_proj")
            h = norm(x, l + "post_attention_layernorm")
            x = x + self.linear(F.silu(self.linear(h, l + "mlp.gate_proj")) * self.linear(h, l + "mlp.up_proj"), l + "mlp.down_proj")
        return norm(x, "model.norm")

    def log_prob(self, ids, labels, patches):
        """Sum over the labelled tokens, and how many they are; labels move along with the ids when the video takes its rows."""
        at, embed = ids.index(-200), self.w["model.embed_tokens.weight"]
        video = self.video(patches)
        x = torch.cat([embed[ids[:at]], video, embed[ids[at + 1:]]])
        labels = labels[:at] + [-100] * len(video) + labels[at + 1:]
        logits = torch.log_softmax(self.decoder(x) @ self.w["lm_head.weight"].T, -1)
        scored = [t for t in range(1, len(labels)) if labels[t] != -100]
        return sum(logits[t - 1, labels[t]] for t in scored), len(scored)


def train(config, weights, pairs, videos, settings, start, steps, whole):
    """The golden.json part of one run, and its tensors: gradients of `whole` at the first and last step, and weights after all steps."""
    model = Model(config, {name: value.clone() for name, value in weights.items()})
    with torch.no_grad():
        patches = [model.tower(video) for video in videos]
    both = lambda: [[model.log_prob(p[f"{side}_input_ids"], p[f"{side}_labels"], patches[i]) for i, p in enumerate(pairs)] for side in ("chosen", "rejected")]
    with torch.no_grad():
        reference = both()
    if "r" in settings:
        names = sorted({name[len("base_model.model."):-len(".lora_A.weight")] for name in start if name.endswith(".lora_A.weight")})
        trained = {name: value.clone().requires_grad_() for name, value in start.items()}
        model.scale = settings["lora_alpha"] / settings["r"]
        model.lora = {n: tuple(trained[f"base_model.model.{n}.lora_{f}.weight"] for f in "AB") for n in names}
    else:
        trained = {name: value.requires_grad_() for name, value in model.w.items() if ".vision_tower." not in name}
    moments = {name: (torch.zeros_like(p), torch.zeros_like(p)) for name, p in trained.items()}
    beta, eps = settings["beta"], settings.get("smoothing", 0.0)
    run = {"reference_logps/chosen": [s.item() for s, _ in reference[0]], "reference_logps/rejected": [s.item() for s, _ in reference[1]],
           "label_tokens": [n for side in reference for _, n in side], "steps": [], "settings": settings, "gradient_norms": {}}
    tensors = {}
    for step in range(steps):
        found = both()
        reward = [torch.stack([beta * (s - r) for (s, _), (r, _) in zip(f, ref)]) for f, ref in zip(found, reference)]
        margin = reward[0] - reward[1]
        dpo = (-(1 - eps) * F.logsigmoid(margin) - eps * F.logsigmoid(-margin)).mean()
        sft = -sum(s for s, _ in found[0]) / sum(n for _, n in found[0])
        loss = settings["alpha"] * dpo + settings["gamma"] * sft
        gradients = dict(zip(trained, torch.autograd.grad(loss, list(trained.values()))))
        norm = math.sqrt(sum((g * g).sum().item() for g in gradients.values()))
        run["steps"].append({
            "step": step, "loss": loss.item(), "losses/dpo": dpo.item(), "losses/sft": sft.item(), "rewards/chosen": reward[0].mean().item(),
            "rewards/rejected": reward[1].mean().item(), "rewards/margins": margin.mean().item(), "rewards/accuracies": (margin > 0).double().mean().item(),
            "logps/chosen": [s.item() for s, _ in found[0]], "logps/rejected": [s.item() for s, _ in found[1]], "grad_norm": norm})
        if step in (0, steps - 1):
            run["gradient_norms"][str(step)] = {name: g.norm().item() for name, g in gradients.items()}
            tensors.update({f"grad{step}.{name}": gradients[name] for name in trained if whole in name})
        share = min(1.0, settings["clip_grad_norm"] / (norm + 1e-6))
        with torch.no_grad():
            for name, p in trained.items():
                m, v = moments[name]
                g = gradients[name] * share
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                p.mul_(1 - settings["lr"] * settings.get("wd", 0.0))
                p.sub_(settings["lr"] * (m / (1 - 0.9 ** (step + 1))) / ((v / (1 - 0.999 ** (step + 1))).sqrt() + 1e-8))
    tensors.update({f"after{steps}.{name}": p for name, p in trained.items() if whole in name})
    tensors.update({f"merged{steps}.{name}.weight": model.w[name + ".weight"] + model.scale * b @ a for name, (a, b) in model.lora.items() if whole in name})
    return run, tensors


CONFIG = {
    "architectures": ["LlavaQwenForCausalLM"], "model_type": "llava_qwen", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 40, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "hidden_act": "silu",
    "tie_word_embeddings": False, "torch_dtype": "float32", "tokenizer_model_max_length": 256, "mm_projector_type": "mlp2x_gelu", "mm_hidden_size": 12,
    "mm_vision_tower": "google/siglip-so400m-patch14-384", "mm_vision_select_layer": -2, "mm_vision_select_feature": "patch",
    "mm_patch_merge_type": "spatial_unpad", "mm_spatial_pool_mode": "bilinear", "mm_spatial_pool_stride": 2, "mm_newline_position": "grid",
    "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 2,
                      "num_channels": 3, "image_size": 16, "patch_size": 5, "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6}}


def fresh_weights():
    d, m, kv, v, f, vocabulary = 16, 24, 8, 12, 20, 40
    shapes = {"lm_head.weight": (vocabulary, d), "model.embed_tokens.weight": (vocabulary, d), "model.norm.weight": (d,), "model.image_newline": (d,),
              "model.mm_projector.0.weight": (d, v), "model.mm_projector.0.bias": (d,), "model.mm_projector.2.weight": (d, d), "model.mm_projector.2.bias": (d,)}
    for i in range(2):
        l = f"model.layers.{i}."
        shapes |= {l + "input_layernorm.weight": (d,), l + "post_attention_layernorm.weight": (d,), l + "self_attn.o_proj.weight": (d, d),
                   l + "mlp.gate_proj.weight": (m, d), l + "mlp.up_proj.weight": (m, d), l + "mlp.down_proj.weight": (d, m)}
        for n, out in (("q", d), ("k", kv), ("v", kv)):
            shapes |= {f"{l}self_attn.{n}_proj.weight": (out, d), f"{l}self_attn.{n}_proj.bias": (out,)}
    p = "model.vision_tower.vision_tower.vision_model."
    shapes |= {p + "embeddings.patch_embedding.weight": (v, 3, 5, 5), p + "embeddings.patch_embedding.bias": (v,), p + "embeddings.position_embedding.weight": (9, v)}
    l = p + "encoder.layers.0."
    for n, (out, into) in {"self_attn.q_proj": (v, v), "self_attn.k_proj": (v, v), "self_attn.v_proj": (v, v), "self_attn.out_proj": (v, v),
                           "mlp.fc1": (f, v), "mlp.fc2": (v, f)}.items():
        shapes |= {f"{l}{n}.weight": (out, into), f"{l}{n}.bias": (out,)}
    for n in ("layer_norm1", "layer_norm2"):
        shapes |= {f"{l}{n}.weight": (v,), f"{l}{n}.bias": (v,)}
    shapes |= {p + "post_layernorm.weight": (v,), p + "post_layernorm.bias": (v,)}
    is_norm = lambda name: name.endswith("norm.weight") or "layer_norm" in name and name.endswith(".weight")
    return {name: (torch.randn(shape) * (0.2 if is_norm(name) else 0.4) + is_norm(name)).float().double() for name, shape in sorted(shapes.items())}


def make(folder):
    torch.manual_seed(5)
    os.makedirs(os.path.join(folder, "model"), exist_ok=True)
    weights, prompt = fresh_weights(), [3, 17, 4, -200, 8, 21, 9]
    write(os.path.join(folder, "model", "model.safetensors"), weights, "F32")
    json.dump(CONFIG, open(os.path.join(folder, "model", "config.json"), "w"), indent=1)
    # The first token of every turn is scored too, as the published recipes do; the second pair's answers begin alike.
    answers = [([30, 31, 32, 33, 2], [34, 35, 2]), ([30, 36, 2], [30, 37, 38, 2])]
    labels = lambda answer: [3, -100, 4, -100, 8, -100, -100] + answer
    pairs = [{"chosen_input_ids": prompt + c, "chosen_labels": labels(c), "rejected_input_ids": prompt + r, "rejected_labels": labels(r)} for c, r in answers]
    videos = [torch.randn(frames, 3, 16, 16).float().double() for frames in (2, 3)]
    write(os.path.join(folder, "videos.safetensors"), {f"pixel_values.{i}": v for i, v in enumerate(videos)}, "F32")
    start = {}
    for name, value in weights.items():
        if name.startswith("model.layers.") and name.endswith("proj.weight"):
            base = f"base_model.model.{name[:-len('.weight')]}"
            start[base + ".lora_A.weight"] = ((torch.rand(2, value.shape[1]) * 2 - 1) / math.sqrt(value.shape[1])).float().double()
            start[base + ".lora_B.weight"] = torch.zeros(value.shape[0], 2)
    write(os.path.join(folder, "lora_start.safetensors"), start, "F32")
    adam = {"clip_grad_norm": 1.0, "adam": [0.9, 0.999, 1e-8]}
    runs = {"paper": ({"beta": 0.1, "alpha": 1.0, "gamma": 0.5, "lr": 3e-3} | adam, "o_proj"),
            "smoothed": ({"beta": 0.3, "alpha": 1.0, "gamma": 0.0, "smoothing": 0.1, "wd": 0.5, "lr": 3e-3} | adam, "mm_projector.0"),
            "lora": ({"beta": 0.1, "alpha": 1.0, "gamma": 0.5, "lr": 1e-2, "r": 2, "lora_alpha": 4, "start": "lora_start.safetensors"} | adam, "layers.1.self_attn.v_proj")}
    golden, tensors = {"model": "model", "pairs": pairs, "runs": {}}, {}
    for name, (settings, whole) in runs.items():
        golden["runs"][name], found = train(CONFIG, weights, pairs, videos, settings, start, 3, whole)
        tensors |= {f"{name}.{key}": value for key, value in found.items()}
    json.dump(golden, open(os.path.join(folder, "golden.json"), "w"), indent=1)
    write(os.path.join(folder, "golden.safetensors"), tensors, "F64")


def check(folder, model):
    golden, config = json.load(open(os.path.join(folder, "golden.json"))), json.load(open(os.path.join(model, "config.json")))
    weights, videos = read(os.path.join(model, "model.safetensors")), read(os.path.join(folder, "videos.safetensors"))
    start, tensors = read(os.path.join(folder, "lora_start.safetensors")), read(os.path.join(folder, "golden.safetensors"))
    for name, run in golden["runs"].items():
        mine, found = train(config, weights, golden["pairs"], [videos[f"pixel_values.{i}"] for i in range(len(golden["pairs"]))],
                            run["settings"], start, len(run["steps"]), "")
        worst = max(np.abs(np.array(a[key]) - np.array(b[key])).max() for a, b in zip(run["steps"], mine["steps"])
                    for key in a if key != "rewards/accuracies")
        compared = [key for key in tensors if key.startswith(name + ".") and key[len(name) + 1:] in found]
        furthest = max([((tensors[key] - found[key[len(name) + 1:]]).norm() / tensors[key].norm()).item() for key in compared], default=0)
        print(f"{name}: steps {worst:.1e}, {len(compared)} tensors {furthest:.1e}")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
