"""A month at the issue desk."""

from __future__ import annotations

import random
import time

import pytest

from tests.journeys.month.cast import gather_people
from tests.journeys.month.matters import secrets, texts
from tests.journeys.month.play import play
from tests.village import Village


async def test_a_month(home: Village) -> None:
    chance = random.Random(7)
    t=time.time()
    month = await gather_people(home, chance, texts(70, chance), secrets(70, chance))
    print("people",time.time()-t)
    await play(month, 12)
    print("all",time.time()-t)
