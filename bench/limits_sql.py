"""The SQL of the hand-written handlers. `row_to_json` writes no spaces, so that its text is what orjson writes of the same facts."""

from __future__ import annotations

from domain.facts import CapabilityKind, PriceMode

KINDS = [kind.value for kind in CapabilityKind]
MODES = [mode.value for mode in PriceMode]
"""In the order in which sheets are listed."""


def _array(names: list[str]) -> str:
    return "array[" + ", ".join(f"'{name}'" for name in names) + "]"


def _object(select: str) -> str:
    return f"(select row_to_json(o) from ({select}) o)"


def _list(select: str) -> str:
    return f"array_to_json(array(select row_to_json(i) from ({select}) i))"


def _nodes(select: str) -> str:
    return _object(f"select {_list(select)} as nodes")


def _amount(column: str, name: str) -> str:
    return f'trim_scale({column})::text as "{name}"'


def _sheets(columns: str) -> str:
    return _list(
        f"select {columns} from price p where p.route_id = r.id and (p.valid_from is null or p.valid_from <= $1) "
        "and (p.valid_to is null or p.valid_to > $1) "
        f"order by array_position({_array(MODES)}, p.mode), p.above, p.id"
    )


def _routes(columns: str, first: int) -> str:
    return _nodes(
        f"select {columns} from route r join provider v on v.id = r.provider_id where r.model_id = m.id and r.live "
        f"order by r.output_mtok nulls last, r.id limit {first}"
    )


_PROVIDER = f"{_object('select v.name')} as provider"
_MOST_SERVED = "from (select * from model order by provider_count desc, id desc limit {first}) m"
_NAMED_LAB = "(select row_to_json(o) from (select name from lab where id = m.lab_id) o) as lab"
_NAMED_LICENSE = "(select row_to_json(o) from (select name from license where id = m.license_id) o) as license"

_BOTH = f"{_amount('p.input_mtok', 'inputMtok')}, {_amount('p.output_mtok', 'outputMtok')}"
_Q1 = _nodes(
    f"select m.slug, m.name, {_NAMED_LAB}, {_routes(f'r.key, {_PROVIDER}, {_sheets(_BOTH)} as prices', 3)} as routes "
    f"{_MOST_SERVED.format(first=50)} order by m.provider_count desc, m.id desc"
)

_SHEET = f"""p.mode, p.above, {_BOTH}, {_amount("p.cache_read_mtok", "cacheReadMtok")}, p.valid_from as "validFrom" """
_CAPABILITIES = _list(
    "select kind, case when kind = any(m.capabilities_yes) then 'YES' when kind = any(m.capabilities_no) then 'NO' "
    f"else 'UNKNOWN' end as presence from unnest({_array(KINDS)}) with ordinality k(kind, place) order by place"
)
_RESULTS = _list(
    f"select {_object('select b.name')} as benchmark, s.metric, {_amount('s.score', 'score')}, s.variant, "
    "s.source_id as source from benchmark_result s join benchmark b on b.id = s.benchmark_id "
    "where s.model_id = m.id order by b.slug, s.id"
)
_ROUTE = f"""r.key, {_PROVIDER}, r.context_window as "contextWindow", r.max_output as "maxOutput",
  {_sheets(_SHEET)} as prices"""


def _everything(slug: str) -> str:
    return _object(f"""select m.slug, m.name, {_NAMED_LAB}, m.family, m.task, m.released,
      m.knowledge_cutoff as "knowledgeCutoff", m.context_window as "contextWindow", m.max_output as "maxOutput",
      m.parameters_total as "parametersTotal", m.parameters_active as "parametersActive", m.architecture, {_NAMED_LICENSE},
      m.openness, m.commercial_use as "commercialUse", m.input_modalities as "inputModalities",
      m.output_modalities as "outputModalities", m.lifecycle, m.retires_on as "retiresOn", m.weights_url as "weightsUrl",
      {_CAPABILITIES} as capabilities, {_routes(_ROUTE, 15)} as routes, {_RESULTS} as results
      from model m where m.slug = '{slug}'""")


_CHEAPEST = _sheets(_amount("p.output_mtok", "outputMtok"))
_Q3 = _object(
    f"select m.name, {_routes(f'{_CHEAPEST} as prices', 1)} as routes from model m where m.slug = 'gpt-5-mini'"
)
_PLAIN = f"""r.key, r.provider_model_id as "providerModelId", r.context_window as "contextWindow", r.max_output as "maxOutput",
  r.lifecycle, {_PROVIDER}"""
_Q4 = _nodes(
    f"select m.slug, m.name, {_routes(_PLAIN, 10)} as routes {_MOST_SERVED.format(first=100)} "
    "order by m.provider_count desc, m.id desc"
)


def _data(**fields: str) -> str:
    """The whole answer. Without a price, no question needs the day, which is taken all the same."""
    made = ", ".join(f"{value} as {name}" for name, value in fields.items())
    return f"select row_to_json(a) from (select {_object(f'select {made}')} as data where $1::date is not null) a"


ONE_STATEMENT = {
    "q1": _data(models=_Q1),
    "q2": _data(first=_everything("claude-sonnet-4-5"), second=_everything("gpt-5")),
    "q3": _data(model=_Q3),
    "q4": _data(models=_Q4),
}

_HELD = "(p.valid_from is null or p.valid_from <= $2) and (p.valid_to is null or p.valid_to > $2)"
ROWS = {
    "most served": """select m.id, m.slug, m.name, l.name as lab from model m left join lab l on l.id = m.lab_id
      order by m.provider_count desc, m.id desc limit $1""",
    "models": """select m.*, l.name as lab, c.name as license from model m left join lab l on l.id = m.lab_id
      left join license c on c.id = m.license_id where m.slug = any($1)""",
    "routes": """select r.* from unnest($1::int[]) m(id) cross join lateral (select r.id, r.model_id, r.key, r.provider_model_id,
      r.context_window, r.max_output, r.lifecycle, v.name as provider from route r join provider v on v.id = r.provider_id
      where r.model_id = m.id and r.live order by r.output_mtok nulls last, r.id limit $2) r""",
    "prices": f"""select p.* from price p where p.route_id = any($1) and {_HELD}
      order by p.route_id, array_position($3::text[], p.mode), p.above, p.id""",
    "results": """select s.*, b.name as benchmark from benchmark_result s join benchmark b on b.id = s.benchmark_id
      where s.model_id = any($1) order by b.slug, s.id""",
    "cheapest": f"""select m.name, r.id as route, p.id as sheet, p.output_mtok from model m
      left join lateral (select id from route where model_id = m.id and live order by output_mtok nulls last, id limit 1) r on true
      left join price p on p.route_id = r.id and {_HELD}
      where m.slug = $1 order by array_position($3::text[], p.mode), p.above, p.id""",
}
