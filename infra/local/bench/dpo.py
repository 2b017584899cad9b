"""Preference training as the public trainers do it, in PyTorch: what `./tpo bench dpo` compares `GpuJob bench-dpo` with.

    python3 dpo.py FOLDER RANK PAIRS CHECKPOINT        RANK 0 = projector and decoder are trained, else an adapter; CHECKPOINT 0 or 1

A step is one pair: chosen and rejected are two sequences of one batch, each with the whole video; the tower sees the video's frames for both, and again
for the reference, without gradients; the reference is a frozen copy of the model, or the model without its adapter; every position's logits are computed.
Each line read is `step K` (pair K mod PAIRS) or `gradients FILE` (of pair 0, as safetensors); each answer is `<seconds> <loss>`, or `gradients <count>`.
At the end of the input: `peak_kb <VmHWM>`. On CUDA where it is present. The model is the LLaVA-Qwen of FOLDER; it needs torch and nothing else.
"""
import copy
import json
import math
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from step import Layer, RmsNorm, attention, forget_peak, peak_kb, read_weights

FRAMES, PROMPT, ANSWER = 32, (20, 10), 40
BETA, ALPHA, RATE = 0.1, 0.5, 1e-5


class TowerLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, self.heads = c["hidden_size"], c["num_attention_heads"]
        self.layer_norm1, self.layer_norm2 = (nn.LayerNorm(d, eps=c["layer_norm_eps"]) for _ in range(2))
        self.self_attn = nn.ModuleDict({name: nn.Linear(d, d) for name in ("q_proj", "k_proj", "v_proj", "out_proj")})
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(d, c["intermediate_size"]), "fc2": nn.Linear(c["intermediate_size"], d)})

    def forward(self, x):
        f, p, d = x.shape
        y = self.layer_norm1(x)
        q, k, v = (self.self_attn[name](y).view(f, p, self.heads, -1).transpose(1, 2) for name in ("q_proj", "k_proj", "v_proj"))
        x = x + self.self_attn["out_proj"](attention(q, k, v, None).transpose(1, 2).reshape(f, p, d))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.layer_norm2(x)), approximate="tanh"))


class Tower(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, self.side = c["hidden_size"], c["image_size"] // c["patch_size"]
        self.embeddings = nn.ModuleDict({
            "patch_embedding": nn.Conv2d(3, d, c["patch_size"], c["patch_size"]), "position_embedding": nn.Embedding(self.side * self.side, d)})
        self.encoder = nn.ModuleDict({"layers": nn.ModuleList(TowerLayer(c) for _ in range(c["num_hidden_layers"]))})

    def forward(self, pixels):
        x = self.embeddings["patch_embedding"](pixels).flatten(2).transpose(1, 2) + self.embeddings["position_embedding"].weight
        for layer in self.encoder["layers"]:
            x = layer(x)
        return x


class Inner(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, self.config, self.checkpointed = c["hidden_size"], c, False
        self.embed_tokens = nn.Embedding(c["vocab_size"], d)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = RmsNorm(d, c["rms_norm_eps"])
        self.vision_tower = nn.ModuleDict({"vision_tower": nn.ModuleDict({"vision_model": Tower(c["vision_config"])})})
        self.mm_projector = nn.Sequential(nn.Linear(c["vision_config"]["hidden_size"], d), nn.GELU(), nn.Linear(d, d))
        self.image_newline = nn.Parameter(torch.zeros(d))

    def video(self, pixels):
        """[B, F, 3, S, S] → [B, V, d]: tower, projector, 2×2 bilinear pooling, a newline a row."""
        b, f = pixels.shape[:2]
        with torch.no_grad():
            patches = self.vision_tower["vision_tower"]["vision_model"](pixels.flatten(0, 1))
        x = self.mm_projector(patches)
        side = int(math.isqrt(x.shape[1]))
        half = (side + 1) // 2
        x = F.interpolate(x.view(b * f, side, side, -1).permute(0, 3, 1, 2), size=(half, half), mode="bilinear").permute(0, 2, 3, 1)
        return torch.cat((x, self.image_newline.expand(b * f, half, 1, -1)), 2).reshape(b, f * half * (half + 1), -1)

    def forward(self, ids, pixels, mask):
        """ids [B, T − V] with the video's place after PROMPT[0] tokens → [B, T, d]"""
        text = self.embed_tokens(ids)
        x = torch.cat((text[:, :PROMPT[0]], self.video(pixels), text[:, PROMPT[0]:]), 1)
        head = self.config["hidden_size"] // self.config["num_attention_heads"]
        inverse = 1.0 / self.config["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float64) / head)
        half = torch.arange(x.shape[1]).float()[:, None] * inverse.float()
        angles = torch.cat((half, half), -1)[None, None].to(x.device)
        cos, sin = angles.cos(), angles.sin()
        for layer in self.layers:
            if self.checkpointed and torch.is_grad_enabled():
                x = checkpoint(layer, x if x.requires_grad else x.requires_grad_(), cos, sin, mask)
            else:
                x = layer(x, cos, sin, mask)
        return self.norm(x)


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.model = Inner(c)
        self.lm_head = nn.Linear(c["hidden_size"], c["vocab_size"], bias=False)

    def forward(self, ids, pixels, mask):
        return self.lm_head(self.model(ids, pixels, mask))


class Lora(nn.Module):
    """y = x Wᵀ + b + (α / r) (x Aᵀ) Bᵀ, α = 2 r"""
    def __init__(self, base, a, b):
        super().__init__()
        self.base, self.lora_A, self.lora_B, self.on = base, nn.Parameter(a), nn.Parameter(b), True

    def forward(self, x):
        y = self.base(x)
        return y + F.linear(F.linear(x, self.lora_A), self.lora_B) * 2.0 if self.on else y


def put_adapter(model, folder):
    model.requires_grad_(False)
    weights = read_weights(f"{folder}/adapter.safetensors", None)
    layers = []
    for name, module in list(model.named_modules()):
        if ".layers." in name and "vision_tower" not in name and isinstance(module, nn.Linear):
            parent = model.get_submodule(name.rsplit(".", 1)[0])
            key = f"base_model.model.{name}"
            layers.append(Lora(module, weights[f"{key}.lora_A.weight"], weights[f"{key}.lora_B.weight"]))
            setattr(parent, name.rsplit(".", 1)[1], layers[-1])
    return layers


def tokens(seed, count, vocabulary):
    """Numbers that look random and are the same in every language."""
    place = torch.arange(count, dtype=torch.int64) + 1000 * seed
    return (place * place * 31 + place * 7919) % 104729 % vocabulary


def pixels(pair, size):
    place = torch.arange(FRAMES * 3 * size * size, dtype=torch.int64) + 1000003 * pair
    return ((place * 7919 % 104729).float() / 104729 * 2 - 1).view(FRAMES, 3, size, size)


def log_probs(logits, labels):
    """[B, T, V] → [B]: the labelled tokens' log-probabilities, summed; label t is predicted by position t − 1."""
    logits, labels = logits[:, :-1].float(), labels[:, 1:]
    each = torch.gather(logits.log_softmax(-1), 2, labels.clamp(min=0)[:, :, None])[:, :, 0]
    return (each * (labels >= 0)).sum(-1)


def save(path, tensors):
    header, place = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [place, place + 4 * tensor.numel()]}
        place += 4 * tensor.numel()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().cpu().contiguous().numpy().tobytes())


def main(folder, rank, pairs, checkpointed):
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    model = Model(config)
    model.load_state_dict(read_weights(f"{folder}/model.safetensors", model.state_dict()))
    model.to(device)
    reference = None if rank else copy.deepcopy(model).requires_grad_(False)
    model.model.vision_tower.requires_grad_(False)
    adapter = [layer.to(device) for layer in put_adapter(model, folder)] if rank else []
    model.model.checkpointed = checkpointed
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.0)
    vocabulary, size = config["vocab_size"], config["vision_config"]["image_size"]
    videos = [pixels(pair, size) for pair in range(pairs)]

    def backward(pair):
        prompt = tokens(10 * pair, sum(PROMPT), vocabulary)
        answers = [tokens(10 * pair + 1 + side, ANSWER, vocabulary) for side in (0, 1)]
        ids = torch.stack([torch.cat((prompt, answer)) for answer in answers]).to(device)
        frames = torch.stack((videos[pair], videos[pair])).to(device)
        rows = FRAMES * (((size // config["vision_config"]["patch_size"]) + 1) // 2) * (((size // config["vision_config"]["patch_size"]) + 1) // 2 + 1)
        length = ids.shape[1] + rows
        labels = torch.full((2, length), -100, device=device)
        labels[:, -ANSWER:] = ids[:, -ANSWER:]
        mask = torch.full((length, length), -math.inf, device=device).triu(1).expand(2, 1, length, length)
        with torch.no_grad():
            for layer in adapter:
                layer.on = False
            frozen = log_probs((reference or model)(ids, frames, mask), labels)
            for layer in adapter:
                layer.on = True
        policy = log_probs(model(ids, frames, mask), labels)
        margin = BETA * ((policy[0] - frozen[0]) - (policy[1] - frozen[1]))
        loss = -F.logsigmoid(margin) + ALPHA * -policy[0] / ANSWER
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        return loss.item()

    for line in sys.stdin:
        verb, what = line.split()
        if verb == "gradients":
            backward(0)
            names = {name.replace(".base.", ".").replace(".lora_A", ".lora_A.weight").replace(".lora_B", ".lora_B.weight"): parameter
                     for name, parameter in model.named_parameters() if parameter.requires_grad}
            save(what, {("base_model.model." + name if rank else name): parameter.grad for name, parameter in names.items()})
            optimizer.zero_grad(set_to_none=True)
            forget_peak()
            print(f"gradients {len(names)}", flush=True)
            continue
        start = time.perf_counter()
        loss = backward(int(what) % pairs)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        print(f"{time.perf_counter() - start:.6f} {loss:.8f}", flush=True)
    print(f"peak_kb {peak_kb()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
