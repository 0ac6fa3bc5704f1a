"""Objectives from the configuration, and from the files of Sloth, Pyrra and OpenSLO."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident import world
from incident.config import Config, read
from incident.core.budget.slo import Sli, Slo
from incident.errors import ConfigError
from incident.sources.slos import read_files, read_text

DAY = 86_400

# -- the configuration ------------------------------------------------------------------------------------------------

OWN = """slos:
- name: availability
  service: acme
  objective: 99.5
  window: 28d
  bad: http_requests_total{job="acme",status=~"5.."}
  total: http_requests_total{job="acme"}
"""


def config(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return read(file)


def test_an_objective_of_the_configuration_is_read_with_bare_counters(tmp_path: Path) -> None:
    (slo,) = config(tmp_path, OWN).slos
    assert (slo.title, slo.objective, slo.window, slo.since) == ("acme/availability", 0.995, 28 * DAY, None)
    assert slo.sli.bad == 'sum(increase(http_requests_total{job="acme",status=~"5.."}[$window]))'
    assert slo.sli.total == 'sum(increase(http_requests_total{job="acme"}[$window]))'
    assert slo.origin.endswith("config.yaml:2")


def test_an_objective_may_be_a_share_name_its_alerts_and_have_a_first_day(
    tmp_path: Path,
) -> None:
    first, second, third = config(
        tmp_path,
        "slos:\n- {name: a, objective: 99.9%, error_ratio: 'x[$window] / y[$window]', alerts: [Burn, Slow]}\n"
        "- {name: b, objective: 0.99, error_ratio: 'job:errors:ratio', window: 7d, from: 2026-05-04}\n"
        "- {name: c, objective: 99, good: 'sum(rate(good{job=\"web\"}[${window}]))',\n"
        "   total: 'sum(rate(all{job=\"web\"}[{{.window}}]))', from: '2026-05-04T00:00:00+02:00'}\n",
    ).slos
    assert first.sli == Sli(ratio="x[$window] / y[$window]")
    assert (first.objective, first.alerts, first.window) == (0.999, ("Burn", "Slow"), 28 * DAY)
    assert second.sli == Sli(moment="job:errors:ratio")
    assert second.since == datetime(2026, 5, 4, tzinfo=UTC)
    assert third.since == datetime(2026, 5, 3, 22, tzinfo=UTC)
    assert (third.service, third.sli.good) == ("web", 'sum(increase(good{job="web"}[$window]))')


@pytest.mark.parametrize(
    ("change", "what", "hint"),
    [
        (("objective:", "objectiv:"), "unknown key `objectiv` in an objective", "did you mean `objective`?"),
        (("  objective: 99.5\n", ""), "this objective has no `objective`", "for example"),
        (("99.5", "100"), "`slos.objective` cannot be 100", "at 100 nothing may ever fail"),
        (("99.5", "plenty"), "`slos.objective` cannot be 'plenty'", "per cent such as 99.5"),
        (("99.5", "true"), "`slos.objective` cannot be True", "per cent"),
        (("28d", "28"), "`slos.window` cannot be 28", "a length of time such as 28d"),
        (("28d", "10m"), "`slos.window` cannot be '10m'", "from 1h to 400d"),
        (("  service", "  from: soon\n  service"), "`slos.from` cannot be 'soon'", "the day on which"),
        (("  total: http_requests_total{job=\"acme\"}\n", ""), "this objective has `bad`", "give `good` and `total`"),
        (("  bad:", "  good: x\n  bad:"), "this objective has `good` and `bad` and `total`", "give `good` and `total`"),
        (("total: http", "total: 1 + http"), "`total` has no place for the window", "[$window]"),
    ],
)  # fmt: skip
def test_an_objective_that_is_off_is_refused_with_file_line_key_and_the_nearest_one(
    tmp_path: Path, change: tuple[str, str], what: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        config(tmp_path, OWN.replace(*change))
    assert what in refused.value.what
    assert hint in refused.value.hint
    assert "config.yaml:" in refused.value.at


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("slos: {name: a}\n", "`slos` is a list of objectives"),
        ("slos: [a]\n", "an objective is `key: value` lines"),
        ("slos:\n- {name: a, objective: 99}\n", "this objective has no query"),
        (OWN + OWN.removeprefix("slos:\n"), "the objective acme/availability is given twice"),
    ],
)
def test_slos_of_another_shape_are_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config(tmp_path, text)
    assert refused.value.what == what


# -- Sloth ------------------------------------------------------------------------------------------------------------

SLOTH = """version: "prometheus/v1"
service: "acme"
labels: {owner: web}
slos:
  - name: "availability"
    objective: 99.9
    description: Requests that do not fail.
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="acme",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="acme"}[{{.window}}]))
    alerting:
      name: AcmeHighErrorRate
      page_alert: {labels: {severity: page}}
  - name: "freshness"
    objective: 99
    sli:
      raw:
        error_ratio_query: 1 - avg_over_time(fresh[{{.window}}])
"""
SLOTH_RESOURCE = """apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: acme}
spec:
  service: acme
  slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        errorQuery: sum(rate(bad[{{.window}}]))
        totalQuery: sum(rate(all[{{.window}}]))
"""


def one(text: str) -> Slo:
    found = read_text(text, "slo.yml")
    assert found.problems == ()
    (slo,) = found.slos
    return slo


def refused(text: str) -> ConfigError:
    found = read_text(text, "slo.yml")
    assert found.slos == ()
    (problem,) = found.problems
    assert isinstance(problem, ConfigError)
    return problem


def test_sloths_file_is_read_and_its_rates_are_made_to_count() -> None:
    found = read_text(SLOTH, "acme.yml")
    assert found.problems == ()
    first, second = found.slos
    assert (first.title, first.objective, first.window) == ("acme/availability", 0.999, 30 * DAY)
    assert first.sli.bad == 'sum(increase(http_requests_total{job="acme",code=~"(5..|429)"}[$window]))'
    assert (first.alerts, first.origin) == (("AcmeHighErrorRate",), "acme.yml:5")
    assert "30 days is what Sloth takes" in first.note
    assert second.sli == Sli(ratio="1 - avg_over_time(fresh[$window])")


def test_sloths_resource_is_read() -> None:
    assert one(SLOTH_RESOURCE).sli == Sli(total="sum(increase(all[$window]))", bad="sum(increase(bad[$window]))")


@pytest.mark.parametrize(
    ("change", "at", "what", "hint"),
    [
        (("errorQuery", "errorQery"), 11, "unknown key `errorQery` in `events`", "did you mean `errorQuery`?"),
        (("objective: 99.9", "objective: 100"), 8, "`objective` is no objective", "at 100 nothing may fail"),
        (("objective: 99.9", "objective: [99]"), 8, "`objective` is no text", "one line"),
        (("objective: 99.9", "objective: much"), 8, "`objective` is no number", "99.9"),
        (("    objective: 99.9\n", ""), 7, "`slos` has no `objective`", "add `objective:`"),
        (
            ("[{{.window}}]))\n        total", "[5m]))\n        total"),
            11,
            "`errorQuery` has no place for",
            "{{.window}}",
        ),
        (("events", "plugin"), 9, "the queries of a plugin are not in this file", "sloth generate"),
        (("sum(rate(bad[{{.window}}]))", "5"), 11, "`errorQuery` is no query", "PromQL"),
        (("  - name: availability", "  - x"), 7, "`slos` is no mapping", "`key: value`"),
    ],
)
def test_a_sloth_file_that_is_off_is_refused_with_its_line(
    change: tuple[str, str], at: int, what: str, hint: str
) -> None:
    text = SLOTH_RESOURCE.replace(*change)
    if "- x" in text:
        text = text[: text.index("- x") + 4]
    problem = refused(text)
    assert what in problem.what
    assert hint in problem.hint
    assert problem.at == f"slo.yml:{at}"


def test_one_objective_that_is_off_does_not_hide_the_others() -> None:
    found = read_text(SLOTH.replace("objective: 99\n", "objective: none\n"), "acme.yml")
    assert [slo.name for slo in found.slos] == ["availability"]
    assert [problem.at for problem in found.problems] == ["acme.yml:16"]


RECORDED = """groups:
- name: sloth-slo-sli-recordings-acme-availability
  rules:
  - record: slo:sli_error:ratio_rate5m
    expr: (sum(rate(bad[5m]))) / (sum(rate(all[5m])))
    labels: {sloth_id: acme-availability, sloth_service: acme, sloth_slo: availability, sloth_window: 5m}
- name: sloth-slo-meta-recordings-acme-availability
  rules:
  - record: slo:objective:ratio
    expr: vector(0.9990000000000001)
    labels: {sloth_id: acme-availability, sloth_service: acme, sloth_slo: availability}
  - record: slo:time_period:days
    expr: vector(28)
    labels: {sloth_id: acme-availability, sloth_service: acme, sloth_slo: availability}
- name: empty
"""


def test_the_recording_rules_that_sloth_makes_are_read_as_a_share_over_time() -> None:
    slo = one(RECORDED)
    assert (slo.title, slo.objective, slo.window) == ("acme/availability", 0.999, 28 * DAY)
    assert slo.sli == Sli(moment='slo:sli_error:ratio_rate5m{sloth_id="acme-availability"}')
    resource = "kind: PrometheusRule\nspec:\n  " + RECORDED.replace("\n", "\n  ")
    assert one(resource).sli == slo.sli
    assert one(RECORDED.replace("vector(28)", "vector(x)").replace("slo:time_period", "slo:else")).window == 30 * DAY
    assert one(RECORDED.replace("vector(28)", "vector(2e2e)")).window == 30 * DAY


def test_recording_rules_that_are_off_are_refused() -> None:
    assert refused(RECORDED.replace("0.9990000000000001", "7e7e")).what == "this rule's objective is no number"
    labels = "    labels: {sloth_id: acme-availability, sloth_service: acme, sloth_slo: availability}\n"
    text = RECORDED.replace(f"vector(0.9990000000000001)\n{labels}", "vector(0.999)\n")
    assert refused(text).what == "`rules` has no `labels`"


# -- Pyrra ------------------------------------------------------------------------------------------------------------

PYRRA = """apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: acme-http-errors
  labels: {prometheus: k8s}
spec:
  target: '99'
  window: 2w
  description: ""
  indicator:
    INDICATOR
"""


def pyrra(indicator: str) -> str:
    return PYRRA.replace("INDICATOR", indicator)


def test_pyrras_four_indicators_are_read() -> None:
    ratio = one(pyrra('ratio: {errors: {metric: \'e{job="acme",code=~"5.."}\'}, total: {metric: \'e{job="acme"}\'}}'))
    assert (ratio.title, ratio.objective, ratio.window) == ("acme/acme-http-errors", 0.99, 14 * DAY)
    assert ratio.sli == Sli(
        bad='sum(increase(e{job="acme",code=~"5.."}[$window]))', total='sum(increase(e{job="acme"}[$window]))'
    )
    latency = one(
        pyrra("latency: {success: {metric: 'x_bucket{le=\"1\"}'}, total: {metric: x_count}, grouping: [route]}")
    )
    assert latency.sli == Sli(good='sum(increase(x_bucket{le="1"}[$window]))', total="sum(increase(x_count[$window]))")
    assert latency.note == "Pyrra has a budget for each route; here they are one"
    native = one(pyrra("latencyNative: {latency: 200ms, total: {metric: x}}"))
    assert native.sli == Sli(ratio="1 - histogram_fraction(0, 0.2, sum(increase(x[$window])))")
    gauge = one(pyrra("bool_gauge: {metric: up}"))
    assert gauge.sli.ratio == "1 - sum(sum_over_time(up[$window])) / sum(count_over_time(up[$window]))"


def test_pyrras_service_and_alert_are_read_where_it_names_them() -> None:
    text = pyrra("bool_gauge: {metric: up}").replace("{prometheus: k8s}", "{pyrra.dev/service: web}")
    named = one(text + "  alerting: {name: WebDown, burnrates: true}\n")
    assert (named.service, named.alerts) == ("web", ("WebDown",))
    assert one(pyrra("bool_gauge: {metric: up}").replace("  labels: {prometheus: k8s}\n", "")).service == ""


@pytest.mark.parametrize(
    ("indicator", "what"),
    [
        ("ratio: {errors: {metric: 'sum(x)'}, total: {metric: x}}", "`metric` is no selector"),
        ("ratio: {error: {metric: x}, total: {metric: x}}", "unknown key `error` in `ratio`"),
        ("bool_gauge: {metric: 'a or b'}", "`metric` is no selector"),
        ("latencyNative: {latency: fast, total: {metric: x}}", "`latency` is no length of time"),
        ("latencyy: {}", "unknown key `latencyy` in `indicator`"),
    ],
)
def test_an_indicator_of_pyrra_that_is_off_is_refused(indicator: str, what: str) -> None:
    assert refused(pyrra(indicator)).what == what


def test_a_window_of_pyrra_that_is_off_is_refused() -> None:
    text = pyrra("bool_gauge: {metric: up}").replace("window: 2w", "window: 1M")
    assert refused(text).what == "`window` is no window that is read here"


# -- OpenSLO ----------------------------------------------------------------------------------------------------------

OPENSLO = """apiVersion: openslo/v1
kind: SLO
metadata: {name: availability, displayName: Availability}
spec:
  service: acme
  indicator:
    metadata: {name: requests}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code!~"5.."}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: "sum(rate(http_requests_total[5m]))"}}}
  timeWindow:
  - {duration: 28d, isRolling: true}
  budgetingMethod: Occurrences
  objectives:
  - {displayName: ok, target: 0.995}
"""


def test_openslo_is_read_with_bare_counters_and_rates_over_a_fixed_range() -> None:
    slo = one(OPENSLO)
    assert (slo.title, slo.objective, slo.window, slo.since) == ("acme/availability", 0.995, 28 * DAY, None)
    assert slo.sli == Sli(
        good='sum(increase(http_requests_total{code!~"5.."}[$window]))',
        total="sum(increase(http_requests_total[$window]))",
    )
    bad = one(OPENSLO.replace("good:", "bad:").replace("target: 0.995", "targetPercent: 99.5"))
    assert bad.sli.bad.startswith("sum(increase(http_requests_total{")


def test_openslos_calendar_is_a_fixed_window() -> None:
    calendar = OPENSLO.replace(
        "isRolling: true}", "isRolling: false, calendar: {startTime: 2026-05-04 00:00:00, timeZone: Europe/Berlin}}"
    )
    assert one(calendar).since == datetime(2026, 5, 3, 22, tzinfo=UTC)
    assert one(calendar.replace(", timeZone: Europe/Berlin", "")).since == datetime(2026, 5, 4, tzinfo=UTC)
    offset = calendar.replace("2026-05-04 00:00:00", "'2026-05-04T00:00:00+01:00'")
    assert one(offset).since == datetime(2026, 5, 3, 23, tzinfo=UTC)
    assert "is not known" in refused(calendar.replace("Europe/Berlin", "Mars/Olympus")).what
    assert "is not known" in refused(calendar.replace("2026-05-04 00", "soon")).what


def test_openslos_slices_of_time_are_a_share_at_a_moment() -> None:
    slices = OPENSLO.replace("Occurrences", "Timeslices").replace(
        "target: 0.995}", "target: 0.995, timeSliceTarget: 0.99, timeSliceWindow: 5m}"
    )
    share = '1 - (sum(increase(http_requests_total{code!~"5.."}[5m]))) / (sum(increase(http_requests_total[5m])))'
    assert one(slices).sli == Sli(moment=f"({share}) > bool 0.01")
    assert one(slices.replace("Timeslices", "RatioTimeslices")).sli == Sli(moment=share)
    assert "`budgetingMethod` cannot be Guesses" in refused(slices.replace("Timeslices", "Guesses")).what
    assert "`timeSliceWindow` is no length of time" in refused(slices.replace("Window: 5m", "Window: soon")).what
    without = OPENSLO.replace("  budgetingMethod: Occurrences\n", "")
    assert one(without).sli.total


THRESHOLD = """apiVersion: openslo/v1
kind: SLI
metadata: {name: p99}
spec:
  thresholdMetric: {metricSource: {type: Prometheus, spec: {promql: "histogram_quantile(0.99, x)"}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: latency}
spec:
  service: acme
  indicatorRef: p99
  timeWindow: [{duration: 4w, isRolling: true}]
  budgetingMethod: Timeslices
  objectives:
  - {displayName: fast, op: lte, value: 0.5, target: 0.99, timeSliceTarget: 0.99, timeSliceWindow: 1m}
  - {op: lt, value: 2, target: 0.999, indicator: {spec: {thresholdMetric: {metricSource: {spec: slow}}}}}
"""


def test_an_indicator_of_its_own_and_a_threshold_are_read() -> None:
    found = read_text(THRESHOLD, "latency.yml")
    assert found.problems == ()
    first, second = found.slos
    assert (first.name, first.origin) == ("latency/fast", "latency.yml:16")
    assert first.sli == Sli(moment="(histogram_quantile(0.99, x)) > bool 0.5")
    assert (second.name, second.sli) == ("latency/2", Sli(moment="(slow) >= bool 2"))
    missing = read_text(THRESHOLD.partition("---\n")[2], "latency.yml")
    assert [problem.what for problem in missing.problems] == ["there is no SLI `p99` in these files"]
    odd = read_text(THRESHOLD.replace("op: lte", "op: near"), "latency.yml")
    assert [problem.what for problem in odd.problems] == ["`op` cannot be near"]


def test_a_raw_ratio_is_read_as_what_it_is() -> None:
    raw = OPENSLO.replace(
        OPENSLO[OPENSLO.index("        good:") : OPENSLO.index("  timeWindow")],
        "        raw: {metricSource: {spec: QUERY}}\n        rawType: KIND\n",
    )
    assert one(raw.replace("QUERY", "a").replace("KIND", "failure")).sli == Sli(moment="a")
    assert one(raw.replace("QUERY", "'a[$window]'").replace("KIND", "success")).sli == Sli(ratio="1 - (a[$window])")
    assert refused(raw.replace("QUERY", "a").replace("KIND", "odd")).what == "`rawType` cannot be odd"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("openslo/v1\n", "openslo/v1alpha\n"), "only OpenSLO v1 is read"),
        (
            ("Prometheus, spec: {query: 'http", "Datadog, spec: {query: 'http"),
            "a metric source of the type Datadog is not read",
        ),
        (("sum(rate(http_requests_total[5m]))", "max_over_time(x[5m])"), "`query` has no place for the window"),
        (("isRolling: true}", "isRolling: true}\n  - {duration: 7d}"), "an SLO has one time window"),
        (("objectives:", "objective:"), "unknown key `objective` in `spec`"),
        (("  objectives:\n  - {displayName: ok, target: 0.995}", "  objectives: 3"), "`objectives` is no list"),
        (("target: 0.995", "targt: 0.995"), "unknown key `targt` in `objectives`"),
    ],
)
def test_an_openslo_file_that_is_off_is_refused(change: tuple[str, str], what: str) -> None:
    assert refused(OPENSLO.replace(*change)).what == what


# -- files ------------------------------------------------------------------------------------------------------------


def test_folders_and_files_are_read_together_and_what_is_off_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "slos"
    folder.mkdir()
    (folder / "acme.yml").write_text(SLOTH)
    (folder / "other.yaml").write_text("image: web\n")
    (folder / "sli.yaml").write_text(THRESHOLD.partition("---\n")[0])
    (folder / "slo.yaml").write_text(THRESHOLD.partition("---\n")[2])
    listed = tmp_path / "list.yaml"
    listed.write_text("kind: List\nitems:\n- " + SLOTH_RESOURCE.replace("\n", "\n  ").rstrip() + "\n- just words\n")
    found = read_files([folder, listed])
    assert [slo.title for slo in found.slos] == [
        "acme/availability", "acme/freshness", "acme/latency/fast", "acme/latency/2",
    ]  # fmt: skip
    assert [(problem.what, problem.at) for problem in found.problems] == [
        ("the objective acme/availability stands here a second time", f"{listed}:9")
    ]


def test_a_file_that_is_named_has_to_hold_an_objective(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("image: web\n")
    (tmp_path / "broken.yaml").write_text("slos:\n - a\n- b\n")
    (tmp_path / "empty").mkdir()
    found = read_files([tmp_path / name for name in ("values.yaml", "broken.yaml", "empty", "gone.yaml")])
    assert found.slos == ()
    told = {Path(problem.at.partition(":")[0]).name: problem.what for problem in found.problems}
    assert told["values.yaml"] == "there is no objective of Sloth, Pyrra or OpenSLO in this file"
    assert told["broken.yaml"].startswith("this is not valid YAML")
    assert told["empty"] == "there is no YAML file in this folder"
    assert told["gone.yaml"] == "this is not a regular file"
    assert len(found.problems) == 4
    sli = tmp_path / "sli.yaml"
    sli.write_text(THRESHOLD.partition("---\n")[0])
    assert read_files([sli]).problems == ()


def test_a_list_of_documents_and_one_of_nothing_are_read() -> None:
    assert one("- " + SLOTH_RESOURCE.replace("\n", "\n  ").rstrip()).name == "availability"
    assert read_text("", "x.yml").slos == ()
    assert refused("a: &b c\n").what == "aliases and anchors are not read"


def test_the_configurations_own_objective_wins_over_a_files(tmp_path: Path) -> None:
    (tmp_path / "acme.yml").write_text(SLOTH)
    found = world.promises(config(tmp_path, OWN + "slo_files: acme.yml\n"))
    assert [(slo.title, slo.objective) for slo in found.slos] == [
        ("acme/availability", 0.995),
        ("acme/freshness", 0.99),
    ]
    assert world.promises(config(tmp_path, OWN)).problems == ()
