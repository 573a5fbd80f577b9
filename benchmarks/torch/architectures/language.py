"""Models of transformers, with configurations of their own that are small; some as deep as the published ones."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.torch.architectures.base import Factory, settled
from benchmarks.torch.architectures.vision import torchvision
from torch import nn
from torch.export import Dim

HIDDEN, HEADS, INNER, WORDS, LENGTH = 64, 4, 128, 211, 12
SIZES: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "num_hidden_layers": 2,
    "vocab_size": WORDS,
}
DECODER = {**SIZES, "num_key_value_heads": 2, "use_cache": False, "pad_token_id": 0}
BATCH, LENGTHS = Dim("batch"), Dim("length", min=2, max=64)


def _build(model: str, config: str, options: dict[str, Any]) -> nn.Module:
    torchvision()  # which transformers imports, as it is, where it is installed
    import transformers

    configuration = getattr(transformers, config)(**options)
    return getattr(transformers, model)(configuration)


def tokens() -> dict[str, Any]:
    """Two sentences, the second of which is shorter."""
    mask = torch.ones(2, LENGTH, dtype=torch.int64)
    mask[1, LENGTH - 4 :] = 0
    return {"input_ids": torch.randint(1, WORDS, (2, LENGTH)), "attention_mask": mask}


def text(family: str, options: dict[str, Any] | None = None, *, model: str = "", config: str = "") -> Factory:
    """A model of sentences: any number of any length."""
    dims = {0: BATCH, 1: LENGTHS}
    return settled(
        lambda: _build(model or f"{family}Model", config or f"{family}Config", SIZES if options is None else options),
        tokens,
        {"input_ids": dims, "attention_mask": dims},
    )


def features(family: str, options: dict[str, Any], name: str, shape: tuple[int, ...], *, model: str = "") -> Factory:
    """A model of images or sounds: any number of them."""
    return settled(
        lambda: _build(model or f"{family}Model", f"{family}Config", options),
        lambda: {name: torch.randn(shape)},
        {name: {0: BATCH}},
    )


DISTIL = {"dim": HIDDEN, "n_heads": HEADS, "hidden_dim": INNER, "n_layers": 2, "vocab_size": WORDS}
GPT2 = {"n_embd": HIDDEN, "n_head": HEADS, "n_layer": 2, "vocab_size": WORDS, "n_positions": 128, "use_cache": False}
T5 = {"d_model": HIDDEN, "d_kv": 16, "d_ff": INNER, "num_layers": 2, "num_heads": HEADS, "vocab_size": WORDS}
IMAGES = {
    **{k: SIZES[k] for k in SIZES if k != "vocab_size"},
    "image_size": 32,
    "patch_size": 8,
}
SEGFORMER = {
    "depths": [1, 1, 1, 1],
    "hidden_sizes": [16, 32, 64, 128],
    "num_attention_heads": [1, 2, 4, 8],
    "decoder_hidden_size": 64,
}
WAV2VEC2 = {
    **{k: SIZES[k] for k in SIZES if k != "vocab_size"},
    "conv_dim": (32, 32, 32),
    "conv_stride": (5, 2, 2),
    "conv_kernel": (10, 3, 3),
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
}
WHISPER = {
    "d_model": HIDDEN,
    "encoder_layers": 2,
    "encoder_attention_heads": HEADS,
    "encoder_ffn_dim": INNER,
    "decoder_layers": 1,
    "decoder_attention_heads": HEADS,
    "num_mel_bins": 20,
    "max_source_positions": 50,
}


def whisper() -> Factory:
    """The encoder alone."""
    return settled(
        lambda: _build("WhisperModel", "WhisperConfig", WHISPER).get_encoder(),
        lambda: {"input_features": torch.randn(2, 20, 100)},
        {"input_features": {0: BATCH}},
    )


LISTED: dict[str, Factory] = {
    "bert": text("Bert"),
    "bert_12_layers": text("Bert", {**SIZES, "num_hidden_layers": 12}),
    "distilbert": text("DistilBert", DISTIL),
    "gpt2": text("GPT2", GPT2),
    "llama": text("Llama", DECODER),
    "qwen2": text("Qwen2", DECODER),
    "t5_encoder": text("T5", T5, model="T5EncoderModel"),
    "vit": features("ViT", IMAGES, "pixel_values", (2, 3, 32, 32)),
    "segformer": features(
        "Segformer", SEGFORMER, "pixel_values", (2, 3, 64, 64), model="SegformerForSemanticSegmentation"
    ),
    "wav2vec2": features("Wav2Vec2", WAV2VEC2, "input_values", (2, 1600)),
    "whisper_encoder": whisper(),
}

BART = {
    "d_model": HIDDEN,
    "encoder_layers": 2,
    "encoder_attention_heads": HEADS,
    "encoder_ffn_dim": INNER,
    "decoder_layers": 1,
    "decoder_attention_heads": HEADS,
    "decoder_ffn_dim": INNER,
    "vocab_size": WORDS,
}
CONVNEXT = {"depths": [1, 1, 2, 1], "hidden_sizes": [16, 32, 64, 128]}


def bart_encoder() -> Factory:
    """The encoder alone."""
    dims = {0: BATCH, 1: LENGTHS}
    return settled(
        lambda: _build("BartModel", "BartConfig", BART).get_encoder(),
        tokens,
        {"input_ids": dims, "attention_mask": dims},
    )


OTHERS: dict[str, Factory] = {
    "albert": text("Albert", {**SIZES, "embedding_size": 32}),
    "roberta": text("Roberta", {**SIZES, "pad_token_id": 0}),
    "electra": text("Electra", {**SIZES, "embedding_size": 32}),
    "mpnet": text("MPNet"),
    "deberta_v2": text("DebertaV2", {**SIZES, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]}),
    "bart_encoder": bart_encoder(),
    "mistral": text("Mistral", DECODER),
    "gemma": text("Gemma", {**DECODER, "head_dim": 16}),
    "phi": text("Phi", DECODER),
    "qwen3": text("Qwen3", {**DECODER, "head_dim": 16}),
    "gpt_neox": text("GPTNeoX", {**SIZES, "use_cache": False}),
    "mamba": settled(
        lambda: _build("MambaModel", "MambaConfig", {**SIZES, "state_size": 8, "use_cache": False}),
        lambda: {"input_ids": torch.randint(1, WORDS, (2, LENGTH))},
        {"input_ids": {0: BATCH}},
    ),
    "dinov2": features("Dinov2", IMAGES, "pixel_values", (2, 3, 32, 32)),
    "convnext_v2": features("ConvNextV2", CONVNEXT, "pixel_values", (2, 3, 64, 64)),
    "clip_vision": features("CLIPVision", IMAGES, "pixel_values", (2, 3, 32, 32)),
    "beit": features("Beit", IMAGES, "pixel_values", (2, 3, 32, 32)),
    "hubert": features("Hubert", WAV2VEC2, "input_values", (2, 1600)),
}
