"""Whoever waits has a turn, whatever the others send; what is beyond the bounds is refused."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth.principal import Principal
from api.errors import TooManyRequestsError
from api.state.fair_queue import FairQueue, FairThreads, Owner
from api.state.jobs import Jobs

OWNERS = [("partner", "a"), ("partner", "b"), ("partner", "c"), ("police", "d"), ("police", "e")]


@given(st.lists(st.sampled_from([*OWNERS, None]), max_size=60))
def test_nobody_waits_for_more_than_one_turn_of_each_other(steps: list[Owner | None]) -> None:
    """An owner adds one, or (None) one is taken; the oracle counts the turns of the others."""
    queue = FairQueue[tuple[Owner, int]](most_of_one=100, most_of_group=1000)
    waiting: dict[Owner, list[int]] = {owner: [] for owner in OWNERS}
    overtaken: dict[Owner, dict[Owner, int]] = {owner: {} for owner in OWNERS}
    for number, step in enumerate([*steps, *[None] * len(steps)]):
        if step is not None:
            waiting[step].append(number)
            queue.add(step, (step, number))
            continue
        if not any(waiting.values()):
            assert not queue
            continue
        owner, item = queue.take()
        assert item == waiting[owner].pop(0), "the first come of one owner"
        queue.finish(owner, (owner, item))
        overtaken[owner] = {}
        for other in OWNERS:
            if waiting[other] and other != owner:
                counts = overtaken[other]
                counts[owner] = counts.get(owner, 0) + 1
                if owner[0] == other[0]:
                    assert counts[owner] <= 1, "twice before one of the same tier"
                turns = sum(n for (group, _), n in counts.items() if group != other[0])
                assert turns <= len([one for one in OWNERS if one[0] == other[0]])


def test_a_share_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partners, however many, never keep the police from planning, nor a partner the others."""
    monkeypatch.setattr(Jobs, "_work", lambda self: None)
    jobs = Jobs(most_of_one=3, most_of_tier=9)

    def submit(name: str, tier: str) -> str:
        principal = Principal(tier=tier, name=name, province_code="53")  # type: ignore[arg-type]
        return str(
            jobs.submit(principal, "outreach", {"who": name}, release="r", request={})["job"]
        )

    for name in ("a", "b", "c"):
        for _ in range(3):
            submit(name, "partner")
        with pytest.raises(TooManyRequestsError) as own:
            submit(name, "partner")
        assert own.value.code == "http.own_jobs_full"
    with pytest.raises(TooManyRequestsError) as full:
        submit("d", "partner")
    assert full.value.code == "http.jobs_full"
    for name in ("p", "p", "q"):
        submit(name, "police")
    order = [jobs._queue.take().task["who"] for _ in range(12)]
    assert order[:6] == ["a", "p", "b", "q", "c", "p"]
    assert order[6:] == ["a", "b", "c"] * 2


def test_a_job_that_is_over_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "_work", lambda self: None)
    jobs, police = Jobs(most_of_one=1, most_of_tier=1), Principal(tier="police", name="p")
    for _ in range(3):
        made = jobs.submit(police, "posts", {}, release="r", request={})
        with pytest.raises(TooManyRequestsError):
            jobs.submit(police, "posts", {}, release="r", request={})
        jobs.cancel(police, made["job"], "en")
        assert not jobs._queue


def test_slow_work_has_threads_of_its_own_and_a_bound() -> None:
    """What waits holds no thread, what is too much is refused, an error is its caller's alone."""
    threads = FairThreads("http.busy", threads=2, most_of_one=3, most_of_group=5)
    gate, names = threading.Event(), set()

    def work() -> str:
        names.add(threading.current_thread().name)
        assert gate.wait(10)
        return "done"

    def fail() -> str:
        raise ValueError("mine")

    async def attack() -> list[object]:
        before = threading.active_count()
        sent = [
            asyncio.create_task(threads.run("partner", name, work))
            for name in ("a", "a", "a", "a", "b", "b", "c")
        ]
        sent.append(asyncio.create_task(threads.run("police", "p", fail)))
        await asyncio.sleep(0.1)
        assert threading.active_count() == before + 2
        gate.set()
        return list(await asyncio.gather(*sent, return_exceptions=True))

    *partners, police = asyncio.run(attack())
    refused = [one for one in partners if isinstance(one, TooManyRequestsError)]
    assert (partners.count("done"), len(refused)) == (5, 2)
    assert refused[0].retry_seconds > 0
    assert isinstance(police, ValueError)
    assert names == {"http.busy"}
    threads.close()
    with pytest.raises(TooManyRequestsError):
        asyncio.run(threads.run("police", "p", fail))


def test_who_no_longer_waits_is_left_out() -> None:
    threads = FairThreads("http.busy", threads=1, most_of_one=9, most_of_group=9)
    done: list[int] = []

    async def leave() -> None:
        first = asyncio.create_task(threads.run("a", "a", lambda: time.sleep(0.2)))
        second = asyncio.create_task(threads.run("a", "a", lambda: done.append(2)))
        await asyncio.sleep(0.05)
        second.cancel()
        await first
        await threads.run("a", "a", lambda: done.append(3))

    asyncio.run(leave())
    assert done == [3]
    threads.close()
