"""How far a consumer is behind, from two numbers a partition; and how long a transaction holds vacuum up."""

from shared.messaging.lag import MAX_SAMPLES, LagMeter
from shared.postgres.vitals import Horizon


def read(meter: LagMeter, now: float) -> tuple[int, float, float]:
    return meter.event_count, meter.oldest_seconds(now), meter.stalled_seconds(now)


def test_a_consumer_at_the_end_is_behind_by_nothing() -> None:
    meter = LagMeter()

    meter.note({"a": (10, 10), "b": (0, 0)}, 5.0)

    assert read(meter, 100.0) == (0, 0.0, 0.0)


def test_the_oldest_event_is_as_old_as_it_was_seen_to_wait() -> None:
    meter = LagMeter()
    meter.note({"a": (10, 10)}, 0.0)
    meter.note({"a": (10, 12)}, 10.0)
    meter.note({"a": (11, 15)}, 20.0)

    behind = read(meter, 30.0)
    meter.note({"a": (12, 15)}, 40.0)
    later = read(meter, 40.0)
    meter.note({"a": (15, 15)}, 50.0)

    assert behind == (4, 20.0, 10.0)
    assert later == (3, 20.0, 0.0)
    assert read(meter, 90.0) == (0, 0.0, 0.0)


def test_a_partition_without_progress_is_stalled_though_others_move() -> None:
    meter = LagMeter()

    for now in range(0, 101, 10):
        meter.note({"stuck": (5, 9), "moving": (now, now + 3)}, float(now))

    assert read(meter, 100.0) == (7, 100.0, 100.0)


def test_nobody_is_stalled_who_had_nothing_to_do() -> None:
    meter = LagMeter()
    meter.note({"a": (10, 10)}, 0.0)
    meter.note({"a": (10, 10)}, 1000.0)

    meter.note({"a": (10, 11)}, 1010.0)

    assert read(meter, 1010.0) == (1, 0.0, 10.0)


def test_a_partition_that_is_ours_no_more_is_forgotten() -> None:
    meter = LagMeter()
    meter.note({"a": (0, 7)}, 0.0)

    meter.note({}, 10.0)

    assert read(meter, 20.0) == (0, 0.0, 0.0)


def test_a_long_outage_takes_bounded_memory_and_keeps_the_oldest() -> None:
    meter = LagMeter()

    for now in range(MAX_SAMPLES + 500):
        meter.note({"a": (0, now)}, float(now))

    assert meter.oldest_seconds(3000.0) == 2999.0


def test_the_oldest_transaction_is_timed_while_it_stays_the_same() -> None:
    horizon = Horizon()
    readings = [(100, 105, 0.0), (100, 130, 10.0), (100, 150, 40.0), (150, 150, 50.0), (160, 170, 60.0)]

    held = [horizon.held_seconds(*reading) for reading in readings]

    assert held == [0.0, 10.0, 40.0, 0.0, 0.0]
