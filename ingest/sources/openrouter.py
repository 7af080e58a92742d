"""OpenRouter's list of models (`/api/v1/models`): one route each at the provider `openrouter`, in USD per token as text.
`created` is the day on which OpenRouter listed a model, not its release, so no release date is taken from it.
"""

from __future__ import annotations

from domain.facts import CapabilityKind
from domain.statements import BrokenDocument, Parsed, Subject, SubjectKind
from ingest.sources.base import Live, Source
from ingest.sources.reading import Report, Row, Saying, top_row
from ingest.sources.shapes import Unit, say_capability, say_modalities, say_price, task_of

SOURCE = Source(
    "openrouter",
    "OpenRouter models",
    "https://openrouter.ai",
    "none stated",
    "openrouter",
    Live(
        "https://openrouter.ai/api/v1/models",
        "https://github.com/OpenRouterTeam/docs/blob/14f21395ff3a77987d1086c7f91fef55feb96e79/guides/overview/models.mdx",
    ),
)

_PROVIDER = "openrouter"

_PRICES = {
    "prompt": Unit("input", 6),
    "completion": Unit("output", 6),
    "input_cache_read": Unit("cache_read", 6),
    "input_cache_write": Unit("cache_write", 6),
    "internal_reasoning": Unit("reasoning", 6),
    "audio": Unit("audio_in", 6),
    "request": Unit("per_request"),
    "web_search": Unit("per_search"),
}

# The list is the union over OpenRouter's own providers, so a parameter in it is a YES; one that is missing says nothing.
_PARAMETERS = {
    "tools": (CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE),
    "reasoning": (CapabilityKind.REASONING,),
    "structured_outputs": (CapabilityKind.STRUCTURED_OUTPUTS,),
}


def parse(body: bytes) -> Parsed:
    """Everything that the document says. Raises BrokenDocument."""
    report = Report()
    top = top_row(body, report, SOURCE.name)
    subjects = [subject for row in top.rows("data") for subject in _route(row, report)]
    top.close()
    if not subjects:
        raise BrokenDocument("OpenRouter: no list `data` of models in the document")
    return Parsed(tuple(subjects), report.problems())


def _route(row: Row, report: Report) -> list[Subject]:
    row.path = "data.*"
    id_ = row.text("id")
    if id_ is None:
        report.count("dropped-row", "model without id", row.locator)
        return []
    say = Saying(report)
    name = row.text("name")
    say("name", name, row.at("name"))
    say("context_window", row.whole("context_length") or None, row.at("context_length"))
    say("knowledge_cutoff", row.partial("knowledge_cutoff"), row.at("knowledge_cutoff"))
    say("retires_on", row.announced("expiration_date"), row.at("expiration_date"))
    weights = row.text("hugging_face_id")
    if weights is not None:
        url = f"https://huggingface.co/{weights}"
        say("weights_url", url, row.at("hugging_face_id"), as_written=weights)
    top_provider = row.row("top_provider")
    if top_provider is not None:
        say(
            "max_output",
            top_provider.whole("max_completion_tokens") or None,
            top_provider.at("max_completion_tokens"),
        )
        top_provider.unread("context_length", "is_moderated")
        top_provider.close()
    parameters = row.texts("supported_parameters") or []
    for parameter, kinds in _PARAMETERS.items():
        for kind in kinds if parameter in parameters else ():
            say_capability(say, kind, True, row.at("supported_parameters"))
    architecture = row.row("architecture")
    if architecture is not None:
        inputs, outputs = say_modalities(say, architecture, "input_modalities", "output_modalities", id_)
        task = task_of(inputs, outputs, id_)
        say("task", None if task is None else str(task), architecture.locator)
        architecture.unread("instruct_type", "modality", "tokenizer")
        architecture.close()
    pricing = row.row("pricing")
    if pricing is not None:
        _pricing(pricing, say)
    row.unread("canonical_slug", "created", "default_parameters", "description", "links")
    row.unread("per_request_limits", "supported_voices")
    row.close()
    return [Subject(SubjectKind.ROUTE, id_, _PROVIDER, name, tuple(say.said))]


def _pricing(pricing: Row, say: Saying) -> None:
    for key, unit in _PRICES.items():
        say_price(say, f"price.STANDARD.0.{unit.name}", pricing, key, unit.shift)
    if "price.STANDARD.0.cache_read" in say:
        say_capability(say, CapabilityKind.PROMPT_CACHING, True, pricing.at("input_cache_read"))
    # Documented as USD per image, filled with the price of a prompt token: the unit is not certain.
    pricing.unread("image")
    pricing.close()
