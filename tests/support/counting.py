"""What the whole run did, over all its workers: every collected test ran, skips are those that are expected.

Each folder of tests says in its `counts.json` what is expected of it:

    tests     at least so many run
    tfjs      at least so many questions go to TensorFlow.js
    skipped   how many skip, by reason, on every machine
    may_skip  how many skip at most where something is missing, by reason; null: any number

Reasons are patterns of fnmatch. `counts.json` beside the folders holds what may skip in any of them. Unknown
skips fail each run; the rest is checked where a whole folder ran.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

FILE = "counts.json"
# The TensorFlow.js of this process, once it is there.
oracle = pytest.StashKey[Any]()


def expected(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


class Counting:
    """A plugin: workers send what they counted, the process that started them adds it up and judges."""

    def __init__(self, config: pytest.Config, tests: Path) -> None:
        self.config = config
        self.tests = tests
        self.works = hasattr(config, "workeroutput")
        self.collected: set[str] = set()
        self.ran: set[str] = set()
        self.skips: dict[str, str] = {}
        self.questions: Counter[str] = Counter()
        self.asked_by: Counter[str] = Counter()
        self.told: list[str] = []

    # --- one process ---

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected.update(item.nodeid for item in session.items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skips[report.nodeid] = reason_of(report)

    def _asked(self) -> int:
        found = self.config.stash.get(oracle, None)
        return 0 if found is None else sum(found.asked.values())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        before = self._asked()
        try:
            return (yield)
        finally:
            self.asked_by[self.folder(item.nodeid)] += self._asked() - before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self.ran.add(report.nodeid)
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skips[report.nodeid] = reason_of(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        found = self.config.stash.get(oracle, None)
        if found is not None:
            self.questions.update(found.asked)
        if self.works:
            sent = self.config.workeroutput  # type: ignore[attr-defined]
            sent["questions"], sent["asked_by"] = dict(self.questions), dict(self.asked_by)
            sent["skips"] = self.skips
            return
        # A run that was interrupted, or could not collect, says so itself.
        if session.exitstatus not in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            self.told = list(self.problems())
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if self.told else session.exitstatus

    # --- over workers ---

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.collected.update(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        sent = getattr(node, "workeroutput", None) or {}
        self.questions.update(sent.get("questions", {}))
        self.asked_by.update(sent.get("asked_by", {}))
        self.skips.update(sent.get("skips", {}))

    # --- the judgement ---

    def folder(self, nodeid: str) -> str:
        """The folder of tests that the test lies in, "" outside of them."""
        path = self.config.rootpath / nodeid.partition("::")[0]
        parts = path.relative_to(self.tests).parts if path.is_relative_to(self.tests) else ()
        return parts[0] if len(parts) > 1 else ""

    def whole(self, folder: str) -> bool:
        """Whether all tests of the folder were asked for."""
        option = self.config.option
        chosen = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
        if any(getattr(option, name, None) for name in chosen):
            return False
        args = [Path(self.config.invocation_params.dir, arg) for arg in self.config.args]
        return any((self.tests / folder).is_relative_to(path) for path in args)

    def problems(self) -> Iterator[str]:
        complete = not self.config.option.collectonly
        if complete and not self.stopped() and (lost := sorted(self.collected - self.ran)):
            yield f"{len(lost)} of {len(self.collected)} tests were collected and did not run: {lost[:5]}"
        anywhere = expected(self.tests)
        least = int(os.environ.get("LAMINA_EXPECT_TFJS", "0"))
        if self.questions.total() < least:
            yield f"LAMINA_EXPECT_TFJS={least}: too few questions asked"
        for folder in sorted({self.folder(each) for each in {*self.collected, *self.skips}} - {""}):
            yield from self.problems_of(folder, anywhere)

    def stopped(self) -> bool:
        """By -x or --maxfail: the run has failed anyway."""
        return bool(self.config.option.maxfail and self.config.option.maxfail <= self.failures())

    def failures(self) -> int:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        return sum(len(reporter.stats.get(each, ())) for each in ("failed", "error")) if reporter else 0

    def problems_of(self, folder: str, anywhere: dict[str, Any]) -> Iterator[str]:
        wanted = expected(self.tests / folder)
        always = wanted.get("skipped", {})
        most = {**anywhere.get("may_skip", {}), **wanted.get("may_skip", {}), **always}
        found: Counter[str] = Counter()
        for nodeid, reason in self.skips.items():
            if self.folder(nodeid) == folder:
                pattern = next((each for each in most if fnmatchcase(reason, each)), None)
                if pattern is None:
                    yield f"{nodeid} skips, which {folder}/{FILE} does not know: {reason}"
                else:
                    found[pattern] += 1
        for pattern, count in found.items():
            if most[pattern] is not None and count > most[pattern]:
                yield f"{folder}: {count} skips of at most {most[pattern]}: {pattern}"
        if not self.whole(folder) or self.stopped():
            return
        for pattern, count in always.items():
            if found[pattern] != count:
                yield f"{folder}: {found[pattern]} skips where {count} are expected: {pattern}"
        modules = [each for each in self.skips if "::" not in each and self.folder(each) == folder]
        ran = sum(self.folder(each) == folder for each in self.ran)
        if not modules and ran < wanted.get("tests", 0):
            yield f"{folder}: {ran} tests, at least {wanted['tests']} are expected"
        # Without TensorFlow.js nothing is asked; LAMINA_REQUIRE_NODE=1 makes that a failure.
        if self.questions and self.asked_by[folder] < wanted.get("tfjs", 0):
            asked = self.asked_by[folder]
            yield f"{folder}: {asked} questions to TensorFlow.js, at least {wanted['tfjs']} are expected"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.questions:
            kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(self.questions.items()))
            terminalreporter.write_line(f"TensorFlow.js was asked {self.questions.total()} times ({kinds})")
        for line in self.told:
            terminalreporter.write_line(line, red=True)


def reason_of(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
