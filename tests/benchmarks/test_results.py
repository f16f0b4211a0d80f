"""What becomes of measurements: statistics, the file of results, the report and its plots."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.compare import statistics
from benchmarks.compare.formatting import significant, times
from benchmarks.compare.histogram import histogram, merged, quantile
from benchmarks.compare.report import markdown, write_report
from benchmarks.compare.results import Results
from benchmarks.compare.statistics import Spread
from tests.benchmarks.canned import results, series


def test_a_quantile_is_right_to_half_a_per_cent() -> None:
    counts = histogram(number * 1e-6 for number in range(1, 1001))
    assert quantile(counts, 0.5) == pytest.approx(500e-6, rel=0.006)
    assert quantile(counts, 0.99) == pytest.approx(990e-6, rel=0.006)
    assert quantile({}, 0.5) is None


def test_histograms_add_up() -> None:
    one, two = histogram([1e-6, 1e-3]), histogram([1e-3])
    assert merged([one, two]) == histogram([1e-3, 1e-6, 1e-3])


def test_a_spread_is_the_median_and_the_quartiles() -> None:
    assert statistics.spread([5, 1, 2, 4, 3]) == Spread(3, 2, 4)
    assert statistics.spread([7]) == Spread(7, 7, 7)
    assert statistics.spread([]) is None


def test_ratios_are_taken_within_rounds_that_both_took_part_in() -> None:
    ours = series("get", "gridgain_sync", 10, 40, 90)
    assert statistics.ratio(statistics.rates(ours), {0: 10, 1: 20}) == Spread(1.5, 1.25, 1.75)
    assert statistics.ratio(statistics.rates(ours), {}) is None


def test_the_best_is_chosen_in_each_round() -> None:
    one, two = series("get", "pygridgain", 1, 4), series("get", "pyignite", 2, 3, 9)
    failed = series("get", "pyignite", 99, 99, error="it ended")
    assert statistics.best([one, two, failed]) == {0: 2, 1: 4}
    assert statistics.best([failed]) == {}


def test_rates_of_calls_for_many_rows_are_rates_of_rows() -> None:
    scan = series("scan 1 000", "bare", 2.5, rows=1000)
    assert statistics.rates(scan) == {0: 2500}
    assert statistics.cpu(scan) == Spread(1e-8, 1e-8, 1e-8)


def test_few_calls_have_no_99th_percentile() -> None:
    one = series("get", "bare", 1000)
    assert statistics.latency(one, 0.99) == pytest.approx(4e-3, rel=0.006)
    one.rounds[0].histogram.clear()
    one.rounds[0].histogram[1000] = 299
    assert statistics.latency(one, 0.99) is None
    assert statistics.latency(one, 0.5) is not None


def test_numbers_have_three_digits() -> None:
    texts = [significant(value) for value in (0.1234, 12.345, 123.45, 1234.5, 987654.0)]
    assert texts == ["0.12", "12.3", "123", "1\u202f230", "988\u202f000"]
    assert [times(value) for value in (0.01234, 0.1234, 2.5)] == ["0.012", "0.12", "2.50"]


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(results().to_json(), "utf-8")
    assert Results.read(file) == results()


def test_results_of_another_format_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text('{"format": 0}', "utf-8")
    with pytest.raises(ValueError, match="format"):
        Results.read(file)


def test_the_report_shows_ratios_rates_and_failures() -> None:
    lines = markdown(results()).splitlines()
    assert "| get | 0.50 (0.38–0.50) | 1.00 (0.75–1.00) | 3.50 (2.75–4.25) |" in lines
    assert "| get | 2\u202f000 (1\u202f500–3\u202f000) /s |" in "\n".join(lines)
    assert "| 8 | 2.00 (1.75–2.25) |" in lines
    assert "| scan 1\u202f000 | 66.7 | 133 | – | – | – |" in lines
    assert "| scan 1\u202f000\u202f000, once in a fresh process | – | 2.00 | – | – | – |" in lines
    assert "| gridgain_trio | 700 /s | 7\u202f000 /s |" in lines
    assert "| scan 1\u202f000\u202f000 | 3.0 | failed |" in lines
    assert "- get, 8 callers, pyignite, AioClient: `OSError: gone`" in lines
    assert "- scan 1 000 000, Java thin client: `no answer within 9 s`" in lines


def test_all_lines_of_a_table_have_as_many_columns() -> None:
    columns = 0
    for line in markdown(results()).splitlines():
        count = line.count("|") if line.startswith("|") else 0
        assert not columns or not count or count == columns
        columns = count


@pytest.mark.parametrize("group", ["calls", "callers", "routing", ""])
def test_the_page_shows_the_plots_that_are_written(tmp_path: Path, group: str) -> None:
    pytest.importorskip("matplotlib", reason="the plots need the extra 'bench'")
    run = results()
    run.series = [series for series in run.series if group in ("", series.group)]
    write_report(run, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    shown = re.findall(r"\]\((benchmarks/\w+\.svg)\)", page)
    written = [file.relative_to(tmp_path).as_posix() for file in tmp_path.glob("benchmarks/*")]
    assert sorted(shown) == sorted(written)
    assert bool(shown) == (group != "routing")
    drawn = [tmp_path.joinpath(name).read_text("utf-8") for name in shown]
    for text in drawn:
        assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    write_report(run, tmp_path)
    assert drawn == [tmp_path.joinpath(name).read_text("utf-8") for name in shown]
