"""What an operator may watch; served on loopback where IBID_METRICS_PORT is set."""

from prometheus_client import Counter, Gauge, Histogram

QUESTIONS = Counter("ibid_questions", "Questions, by how they ended", ["outcome"])
REFUSED = Counter("ibid_refused", "Questions that were not let in, by limit", ["limit"])
UNDELIVERED = Counter("ibid_undelivered", "Answers that Discord did not take")
ANSWER_SECONDS = Histogram(
    "ibid_answer_seconds", "From question to whole answer", buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
)
REFRESHES = Counter(
    "ibid_refreshes", "Libraries that were refreshed by themselves, by how that ended", ["outcome"]
)
REFRESHED = Counter(
    "ibid_refreshed_articles", "Articles in these refreshes, by what became of them", ["outcome"]
)
LOOP_GAP = Gauge("ibid_event_loop_gap_seconds", "Longest gap of the event loop in the last second")
