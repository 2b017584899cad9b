"""Greedy decoding with the decoder in FOLDER, written in PyTorch: what `./tpo bench serving` compares generated tokens a second with.

    python3 decode.py FOLDER PROMPT TOKENS

PROMPT is a file of embeddings, f32 [T, d]. They are computed once; then `ready`. Each line read asks for TOKENS tokens behind the prompt's own first
one; each answer is `<seconds> <id> <id> ...`. Plain eager modules on one thread; the cache is allocated once, so that nothing is copied for a new
token, and the query heads of one key head are multiplied together, so that keys and values are read once. It needs torch and nothing else.
"""
import json
import math
import sys
import time

import torch
from torch import nn

from step import Attention, Layer, RmsNorm, read_weights, rotate_half

PIECE = 512


class Cache:
    """Keys and values of one layer: [kv, capacity, head]."""

    def __init__(self, kv_heads, capacity, head):
        self.keys = torch.zeros(kv_heads, capacity, head)
        self.values = torch.zeros(kv_heads, capacity, head)

    def append(self, start, keys, values):
        end = start + keys.shape[1]
        self.keys[:, start:end] = keys
        self.values[:, start:end] = values
        return self.keys[:, :end], self.values[:, :end]


class CachedAttention(Attention):
    def forward(self, x, cos, sin, cache, start, mask):
        length = x.shape[0]
        q = self.q_proj(x).view(length, self.heads, self.head).transpose(0, 1)
        k = self.k_proj(x).view(length, self.kv_heads, self.head).transpose(0, 1)
        v = self.v_proj(x).view(length, self.kv_heads, self.head).transpose(0, 1)
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        keys, values = cache.append(start, k, v)
        q = q.reshape(self.kv_heads, -1, self.head)
        scores = torch.matmul(q, keys.transpose(1, 2)) * (1 / math.sqrt(self.head))
        if mask is not None:
            scores = (scores.view(self.heads, length, -1) + mask).view(self.kv_heads, -1, scores.shape[-1])
        mixed = torch.matmul(scores.softmax(-1), values)
        return self.o_proj(mixed.view(self.heads, length, self.head).transpose(0, 1).reshape(length, -1))


class CachedLayer(Layer):
    def __init__(self, config):
        super().__init__(config)
        self.self_attn = CachedAttention(config)

    def forward(self, x, cos, sin, cache, start, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, cache, start, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Model(nn.Module):
    """The names are the checkpoint's."""

    def __init__(self, config):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.model.layers = nn.ModuleList(CachedLayer(config) for _ in range(config["num_hidden_layers"]))
        self.model.norm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])
        self.lm_head = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)


class Generator:
    def __init__(self, folder, capacity):
        with open(f"{folder}/config.json") as file:
            config = json.load(file)
        self.network = Model(config)
        self.network.load_state_dict(read_weights(f"{folder}/model.safetensors", self.network.state_dict()))
        head = config["hidden_size"] // config["num_attention_heads"]
        self.caches = [Cache(config["num_key_value_heads"], capacity, head) for _ in self.network.model.layers]
        inverse = 1.0 / config["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float64) / head)
        angles = torch.outer(torch.arange(capacity, dtype=torch.float64), inverse)
        angles = torch.cat((angles, angles), -1)
        self.cos, self.sin = angles.cos().float(), angles.sin().float()

    def append(self, x, start):
        """The likeliest token behind embeddings [T, d] that stand at `start`."""
        length = x.shape[0]
        end = start + length
        mask = torch.full((length, end), -math.inf).triu(1 + start) if length > 1 else None
        for layer, cache in zip(self.network.model.layers, self.caches):
            x = layer(x, self.cos[start:end], self.sin[start:end], cache, start, mask)
        return self.network.lm_head(self.network.model.norm(x[-1:])).argmax(-1)

    def prefill(self, prompt):
        for start in range(0, len(prompt), PIECE):
            token = self.append(prompt[start:start + PIECE], start)
        return token

    def generate(self, token, start, count):
        ids = []
        for place in range(start, start + count):
            token = self.append(self.network.model.embed_tokens(token), place)
            ids.append(token.item())
        return ids


def main(folder, prompt_file, count):
    torch.set_num_threads(1)
    with open(f"{folder}/config.json") as file:
        width = json.load(file)["hidden_size"]
    with open(prompt_file, "rb") as file:
        prompt = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).view(-1, width)
    generator = Generator(folder, len(prompt) + count)
    first = generator.prefill(prompt)
    print(f"ready {first.item()}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        ids = generator.generate(first, len(prompt), count)
        print(f"{time.perf_counter() - start:.6f}", *ids, flush=True)


if __name__ == "__main__":
    with torch.inference_mode():
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
