"""An id and the display name beside it: which words of a name mean another model, and what a spelling means where it stands."""

import pytest

from domain.identity import Method, Resolver, Row

pytestmark = pytest.mark.xdist_group("packaged resolver")

CONTRADICTING = [
    ("another line", "gpt-5.4", "GPT-5.4 mini"),
    ("another line of one release", "claude-sonnet-4-5", "Claude Opus 4.5"),
    ("another line behind the release", "gemini-2.5-flash", "Gemini 2.5 Pro"),
    ("another size", "qwen3-32b", "Qwen3 14B"),
    ("another size in one notation", "gpt-oss-120b", "gpt-oss-20b"),
    ("a snapshot of its own", "deepseek-r1", "DeepSeek R1 0528"),
    ("another snapshot", "gpt-4o-2024-08-06", "GPT-4o (2024-11-20)"),
    ("a distill of another base", "deepseek-r1", "DeepSeek R1 Distill Llama 70B"),
    ("audio, and nobody lists the name", "gpt-4o", "GPT-4o Audio"),
    ("speech", "gemini-2.5-flash", "Gemini 2.5 Flash Preview TTS"),
    ("pictures", "gemini-2.5-flash", "Gemini 2.5 Flash Image"),
    ("vision", "qwen3-32b", "Qwen3 VL 32B Instruct"),
    ("search", "gpt-4o", "GPT-4o Search Preview"),
    ("research", "o3", "o3 Deep Research"),
    ("code", "gpt-5", "GPT-5 Codex"),
    ("chat weights", "gpt-5", "GPT-5 Chat"),
    ("a faster model of its own", "grok-4", "Grok 4 Fast"),
    ("base weights that nobody lists", "qwen3-32b", "Qwen3 32B Base"),
    ("abliterated", "gemma-3-27b-it", "Gemma 3 27B Abliterated"),
    ("a known fine-tune", "llama-3.1-405b-instruct", "Hermes 3 Llama 3.1 405B"),
    ("a fine-tune that nobody lists", "mistral-small-3.2-24b-instruct", "Dolphin Mistral Small 3.2 24B"),
    ("another lab's weights", "llama-3.1-70b-instruct", "Llama 3.1 Nemotron 70B Instruct"),
    ("thinking weights", "kimi-k2", "Kimi K2 Thinking"),
    ("a guard, of a name without a release", "gpt-oss-120b", "gpt-oss-safeguard-120b"),
]
"""Not among the labelled rows: with the names hidden they are their ids' models."""


@pytest.mark.parametrize(("_case", "spelled", "name"), CONTRADICTING)
def test_an_id_and_a_name_that_contradict_each_other_link_nothing(
    resolver: Resolver, _case: str, spelled: str, name: str
) -> None:
    link = resolver.resolve(Row("made-up", "host", spelled, name))
    assert (link.model, link.method) == (None, Method.UNRESOLVED)
    assert name in link.evidence


AGREEING = [
    ("the lab", "gpt-4o", "OpenAI GPT-4o"),
    ("the seller", "kimi-k2", "Kimi K2 (Groq)"),
    ("free", "gpt-4o", "GPT-4o (free)"),
    ("latest", "gpt-4o", "GPT-4o Latest"),
    ("a stage of the release", "gpt-4o", "GPT-4o Preview"),
    ("a stage that is another model's name", "gemini-2.5-pro", "Gemini 2.5 Pro Preview"),
    ("-instruct of weights that exist only so", "llama-3.3-70b", "Llama 3.3 70B Instruct"),
    ("a number format", "llama-3.3-70b", "Llama 3.3 70B Instruct FP8"),
    ("thinking of a hybrid", "claude-sonnet-4.5", "Claude Sonnet 4.5 Thinking"),
    ("reasoning of a hybrid", "glm-4.5", "GLM 4.5 Reasoning"),
    ("a mode of one checkpoint", "grok-4-fast", "Grok 4 Fast Non-Reasoning"),
    ("effort", "o3", "OpenAI o3 high"),
    ("an effort that the id has as a flag", "anthropic/claude-opus-4.6:thinking:max", "Claude 4.6 Opus Thinking Max"),
    ("the id once more", "Pro/deepseek-ai/DeepSeek-R1", "Pro/deepseek-ai/DeepSeek-R1"),
    ("less: no kind", "gpt-4o-audio-preview", "GPT-4o"),
    ("less: no code", "gpt-5-codex", "GPT-5"),
    ("less: no distill", "deepseek-r1-distill-llama-70b", "DeepSeek R1"),
    ("less: no thinking", "kimi-k2-thinking", "Kimi K2"),
    ("less: no point of the release", "claude-opus-4.1", "Claude Opus 4"),
]
"""What a name adds, or leaves out, and means no other model by it."""


@pytest.mark.parametrize(("_case", "spelled", "name"), AGREEING)
def test_a_name_that_adds_nothing_of_another_model_keeps_the_link(
    resolver: Resolver, _case: str, spelled: str, name: str
) -> None:
    alone, both = (resolver.resolve(Row("made-up", "host", spelled, said)) for said in (None, name))
    assert both.model == alone.model is not None


@pytest.mark.parametrize(
    ("provider", "id_", "model"),
    [
        ("replicate", "meta/meta-llama-3-70b", "llama-3-70b-base"),
        ("replicate", "meta/meta-llama-3-8b", "llama-3-8b-base"),
        ("replicate", "meta/llama-2-70b", "llama-2-70b-base"),
        ("replicate", "meta/llama-2-13b", "llama-2-13b-base"),
        ("replicate", "meta/llama-2-13b-chat", "llama-2-13b-chat"),
        ("replicate", "meta/meta-llama-3-70b-instruct", "llama-3-70b-instruct"),
        ("fireworks", "llama-v3p1-8b", "llama-3.1-8b-base"),
        ("host", "meta/meta-llama-3-70b", "llama-3-70b-instruct"),
    ],
)
def test_a_bare_name_means_the_base_at_hosts_that_list_it_so(
    resolver: Resolver, provider: str, id_: str, model: str
) -> None:
    assert resolver.resolve(Row("made-up", provider, id_, None)).model == model


@pytest.mark.parametrize(
    ("provider", "id_", "model", "variant"),
    [
        ("zai", "glm-4.5-x", "glm-4.5", ("highspeed",)),
        ("zai", "glm-4.5-airx", "glm-4.5-air", ("highspeed",)),
        ("openai", "gpt-4-turbo-preview", "gpt-4-0125-preview", ()),
        ("mistral", "open-mistral-nemo-2407", "mistral-nemo", ()),
        ("host", "Devstral-Small-2507_gguf", "devstral-small-2507", ("gguf",)),
        ("host", "gpt-oss-120b-mxfp4-Q8_0.gguf", "gpt-oss-120b", ("mxfp4", "q8_0", "gguf")),
    ],
)
def test_a_tier_a_moving_name_and_a_file_are_no_models_of_their_own(
    resolver: Resolver, provider: str, id_: str, model: str, variant: tuple[str, ...]
) -> None:
    link = resolver.resolve(Row("made-up", provider, id_, None))
    assert (link.model, link.variant) == (model, variant)


@pytest.mark.parametrize(
    ("id_", "evidence"),
    [
        ("mistral-large-latest", "A moving name; where it points at this provider is not known."),
        ("never-heard-latest", "A moving name without a version; its target is not in the alias table."),
    ],
)
def test_a_moving_name_of_other_providers_is_told_from_an_unheard_one(
    resolver: Resolver, id_: str, evidence: str
) -> None:
    assert resolver.resolve(Row("made-up", "never-heard-of", id_, None)).evidence == evidence


@pytest.mark.parametrize(("provider", "model"), [("azure", "text-embedding-ada-002"), ("openai", "ada")])
def test_a_short_name_of_one_provider_is_another_model_at_its_lab(
    resolver: Resolver, provider: str, model: str
) -> None:
    assert resolver.resolve(Row("rates", provider, "ada", None)).model == model
