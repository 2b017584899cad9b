"""Training steps of the decoder in FOLDER, written in PyTorch: what `./tpo bench torch` compares `GpuJob bench-step` with.

    python3 step.py FOLDER BATCH LENGTH

Each line read is one step asked for; each answer is `<seconds> <loss>`. At the end of the input: `peak_kb <VmHWM>`.
It does the same mathematics as src/GpuJob/Model on the same numbers, in the words a PyTorch user would choose; it needs torch and nothing else.
"""
import json
import math
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

TYPES = {"F32": torch.float32, "F16": torch.float16}


def attention(q, k, v, mask):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, mask)
    return F._scaled_dot_product_attention(q, k, v, mask)[0]  # libtorch 1.13


def rotate_half(x):
    half = x.shape[-1] // 2
    return torch.cat((-x[..., half:], x[..., :half]), -1)


class RmsNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, self.heads, self.kv_heads = config["hidden_size"], config["num_attention_heads"], config["num_key_value_heads"]
        self.head = d // self.heads
        self.q_proj = nn.Linear(d, self.heads * self.head)
        self.k_proj = nn.Linear(d, self.kv_heads * self.head)
        self.v_proj = nn.Linear(d, self.kv_heads * self.head)
        self.o_proj = nn.Linear(self.heads * self.head, d, bias=False)

    def repeat(self, x):
        batch, _, length, _ = x.shape
        groups = self.heads // self.kv_heads
        return x[:, :, None].expand(batch, self.kv_heads, groups, length, self.head).reshape(batch, self.heads, length, self.head)

    def forward(self, x, cos, sin, mask):
        batch, length, d = x.shape
        q = self.q_proj(x).view(batch, length, self.heads, self.head).transpose(1, 2)
        k = self.k_proj(x).view(batch, length, self.kv_heads, self.head).transpose(1, 2)
        v = self.v_proj(x).view(batch, length, self.kv_heads, self.head).transpose(1, 2)
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        mixed = attention(q, self.repeat(k), self.repeat(v), mask)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, d))


class Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(d, inner, bias=False)
        self.up_proj = nn.Linear(d, inner, bias=False)
        self.down_proj = nn.Linear(inner, d, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])
        self.mlp = Mlp(config)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])
        head = config["hidden_size"] // config["num_attention_heads"]
        self.inverse = 1.0 / config["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float64) / head)

    def forward(self, ids, mask):
        half = torch.arange(ids.shape[1]).float()[:, None] * self.inverse.float()
        angles = torch.cat((half, half), -1)[None, None]
        cos, sin = angles.cos(), angles.sin()
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return self.norm(x)


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.model = Decoder(config)
        self.lm_head = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)

    def forward(self, ids, mask):
        return self.lm_head(self.model(ids, mask))


def read_weights(path, wanted):
    """The named tensors of a safetensors file (f32, or f16 widened), or all of them, one at a time."""
    with open(path, "rb") as file:
        start = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(start))
        weights = {}
        for name in wanted or [name for name in header if name != "__metadata__"]:
            entry = header[name]
            begin, end = entry["data_offsets"]
            file.seek(8 + start + begin)
            stored = torch.frombuffer(bytearray(file.read(end - begin)), dtype=TYPES[entry["dtype"]])
            weights[name] = stored.float().reshape(entry["shape"])
        return weights


def tokens(step, batch, length, vocabulary):
    """Row b, place t of a step: a number that looks random and is the same in every language."""
    place = torch.arange(batch * (length + 1), dtype=torch.int64) + step * batch * (length + 1)
    return (place * place * 31 + place * 7919) % 104729 % vocabulary


def forget_peak():
    """From now on the peak is the greatest since now (proc(5), clear_refs)."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main(folder, batch, length):
    torch.set_num_threads(1)
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    model = Model(config)
    model.load_state_dict(read_weights(f"{folder}/model.safetensors", model.state_dict()))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    mask = torch.full((length, length), -math.inf).triu(1).expand(batch, 1, length, length)

    def step(number):
        rows = tokens(number, batch, length, config["vocab_size"]).view(batch, length + 1)
        optimizer.zero_grad(set_to_none=True)
        logits = model(rows[:, :-1], mask)
        loss = F.cross_entropy(logits.view(-1, config["vocab_size"]), rows[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    for number, _ in enumerate(sys.stdin):
        start = time.perf_counter()
        loss = step(number)
        print(f"{time.perf_counter() - start:.6f} {loss:.8f}", flush=True)
    print(f"peak_kb {peak_kb()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
